/**
 * The command side of every connection: its state, its commands and their answers, as {@code ClientFrame} and
 * {@code ServerFrame}. Must not know how those look in bytes, nor how messages are stored.
 */
@NullMarked
package io.gochat.server.command;

import org.jspecify.annotations.NullMarked;
