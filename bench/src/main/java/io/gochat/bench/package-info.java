/**
 * The tools beside the server: load generator, verifier, benchmarks, terminal client.
 */
@NullMarked
package io.gochat.bench;

import org.jspecify.annotations.NullMarked;
