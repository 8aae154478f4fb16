/**
 * What the tests of all modules share: Netty's leak detection as a gate, patience, the Redis of a test, its
 * certificates, and the figures of the house. Knows none of the code under test.
 */
@NullMarked
package io.gochat.testing;

import org.jspecify.annotations.NullMarked;
