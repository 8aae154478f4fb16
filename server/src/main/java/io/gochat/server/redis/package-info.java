/**
 * The stores of many nodes, on Redis through Lettuce. The only package that knows Lettuce.
 */
@NullMarked
package io.gochat.server.redis;

import org.jspecify.annotations.NullMarked;
