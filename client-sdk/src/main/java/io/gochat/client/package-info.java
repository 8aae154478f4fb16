/**
 * The Java client of the frame channel: one {@code ChatClient} per user and device. Depends on the codec and Netty only.
 */
@NullMarked
package io.gochat.client;

import org.jspecify.annotations.NullMarked;
