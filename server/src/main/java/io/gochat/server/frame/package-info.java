/**
 * The frame channel: one connection's states, commands and answers. Must not know how messages are stored.
 */
@NullMarked
package io.gochat.server.frame;

import org.jspecify.annotations.NullMarked;
