/**
 * Who is connected here, which rooms they are in, and how committed messages reach them (fan-out). Knows the log only through its interface, and no protocol by name.
 *
 * <p>What a protocol brings: a {@link io.gochat.server.registry.Connection} with its channel, and a
 * {@link io.gochat.server.registry.WireFormat}, one object per format. What it gets: on each event loop a feed per topic
 * and format, whose bytes are made once, and the way into the socket that suits the channel (direct, or through the pipeline).
 * What must precede a push is written to the channel before; it need not be flushed.
 */
@NullMarked
package io.gochat.server.registry;

import org.jspecify.annotations.NullMarked;
