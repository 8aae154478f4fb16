/** The frame channel's commands over WebSocket, for tools that speak frames. Knows none of the tools. */
@NullMarked
package io.gochat.bench.websocket;

import org.jspecify.annotations.NullMarked;
