/**
 * What twins count alike: the names, the words and the buckets that both stores and all protocols share. Knows nobody of
 * those who count.
 */
@NullMarked
package io.gochat.server.metrics;

import org.jspecify.annotations.NullMarked;
