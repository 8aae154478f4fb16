/**
 * What time it is, and how far that can be believed. Knows nothing of what is done with it.
 */
@NullMarked
package io.gochat.server.clock;

import org.jspecify.annotations.NullMarked;
