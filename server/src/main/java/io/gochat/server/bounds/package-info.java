/**
 * Bounds that hold over many connections: rates, budgets of bytes that wait, and how often a refusal is told. Knows
 * nobody who is bounded.
 */
@NullMarked
package io.gochat.server.bounds;

import org.jspecify.annotations.NullMarked;
