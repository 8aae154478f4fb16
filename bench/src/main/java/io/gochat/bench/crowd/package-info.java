/**
 * Crowds that do not read, or do not finish what they began, against a server of their own, and what somebody who has
 * nothing to do with them notices. Knows nothing of the load generator.
 */
@NullMarked
package io.gochat.bench.crowd;

import org.jspecify.annotations.NullMarked;
