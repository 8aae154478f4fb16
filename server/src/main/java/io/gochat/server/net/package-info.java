/**
 * The port: listening, sniffing, connection limits, event loops and their timers. Knows no protocol by name.
 */
@NullMarked
package io.gochat.server.net;

import org.jspecify.annotations.NullMarked;
