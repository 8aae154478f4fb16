/**
 * Logins that outlive connections: tokens, expiry, revocation. Knows no transport and no store by name.
 */
@NullMarked
package io.gochat.server.session;

import org.jspecify.annotations.NullMarked;
