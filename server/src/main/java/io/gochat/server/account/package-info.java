/**
 * Who exists: user names, passwords, ids, and the limits on guessing them. Knows no transport and no store by name.
 */
@NullMarked
package io.gochat.server.account;

import org.jspecify.annotations.NullMarked;
