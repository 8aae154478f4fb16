/**
 * Who may act without a session of ours: bearers of tokens that others issued, and programs with a key. Knows no
 * protocol, and stores nothing itself.
 */
@NullMarked
package io.gochat.server.identity;

import org.jspecify.annotations.NullMarked;
