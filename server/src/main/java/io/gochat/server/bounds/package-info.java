/**
 * Bounds that hold over many connections: rates and budgets. Knows nobody who is bounded.
 */
@NullMarked
package io.gochat.server.bounds;

import org.jspecify.annotations.NullMarked;
