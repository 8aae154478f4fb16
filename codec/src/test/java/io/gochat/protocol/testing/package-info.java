/** What the tests of all modules share: Netty's leak detection as a gate, and patience. Knows none of the code under test. */
@NullMarked
package io.gochat.protocol.testing;

import org.jspecify.annotations.NullMarked;
