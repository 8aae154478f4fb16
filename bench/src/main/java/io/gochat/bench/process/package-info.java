/**
 * Processes of servers: starting one and reading its ready line, and what the kernel says about one. Knows nothing of what
 * they are started for.
 */
@NullMarked
package io.gochat.bench.process;

import org.jspecify.annotations.NullMarked;
