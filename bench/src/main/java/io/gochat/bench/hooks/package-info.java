/** What webhooks cost, measured: whoever publishes beside them, and how fast they are told. Knows the server from outside only. */
@NullMarked
package io.gochat.bench.hooks;

import org.jspecify.annotations.NullMarked;
