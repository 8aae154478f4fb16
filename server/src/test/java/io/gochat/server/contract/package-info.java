/** What every store must do: the same tests for the embedded store and for Redis. */
@NullMarked
package io.gochat.server.contract;

import org.jspecify.annotations.NullMarked;
