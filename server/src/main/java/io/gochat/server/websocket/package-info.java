/**
 * WebSocket (RFC 6455): handshake, messages, close codes, and how commands and answers look in its two formats. Must not
 * know what a command does.
 */
@NullMarked
package io.gochat.server.websocket;

import org.jspecify.annotations.NullMarked;
