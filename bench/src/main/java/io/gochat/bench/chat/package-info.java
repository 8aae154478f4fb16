/** The terminal chat client: lines in, lines out, on the SDK alone. Knows nothing of the server's classes. */
@NullMarked
package io.gochat.bench.chat;

import org.jspecify.annotations.NullMarked;
