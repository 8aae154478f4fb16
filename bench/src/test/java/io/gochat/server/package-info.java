/** A server that breaks a promise on purpose: what the crash checker must find. */
@NullMarked
package io.gochat.server;

import org.jspecify.annotations.NullMarked;
