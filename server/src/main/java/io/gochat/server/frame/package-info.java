/**
 * Frames on TCP: their bytes in, their bytes out, and how such a connection is closed. Must not know what a command
 * does.
 */
@NullMarked
package io.gochat.server.frame;

import org.jspecify.annotations.NullMarked;
