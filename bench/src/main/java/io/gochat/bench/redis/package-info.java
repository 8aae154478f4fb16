/**
 * Redis servers in processes of their own, alone, behind a sentinel or as a cluster, and what can happen to them. Knows
 * nothing of what they are started for.
 */
@NullMarked
package io.gochat.bench.redis;

import org.jspecify.annotations.NullMarked;
