/**
 * The Java client of the frame channel: one {@link io.gochat.client.ChatClient} per user and device. It owns
 * reconnecting, resuming, retrying and the exactly-once hand-over to the application; it knows the wire contract and
 * Netty, and nothing of the server.
 */
@NullMarked
package io.gochat.client;

import org.jspecify.annotations.NullMarked;
