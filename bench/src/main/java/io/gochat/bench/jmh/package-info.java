/**
 * The JMH benchmarks, the write path on real sockets beside its floor, and their comparison with a committed baseline. Nothing else in the project depends on it.
 */
@NullMarked
package io.gochat.bench.jmh;

import org.jspecify.annotations.NullMarked;
