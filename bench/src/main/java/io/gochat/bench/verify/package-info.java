/**
 * The crash checker: drives a server with publishers, receivers and injected faults, and judges every message. Knows
 * the server only from outside: its jar, its HTTP API and the SDK.
 */
@NullMarked
package io.gochat.bench.verify;

import org.jspecify.annotations.NullMarked;
