/**
 * The load generator: an open-loop client that checks every delivery, and the reports on what it saw. Speaks the wire contract by itself and knows no class of the server.
 */
@NullMarked
package io.gochat.bench.load;

import org.jspecify.annotations.NullMarked;
