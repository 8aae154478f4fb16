/**
 * What it means that something failed: decided here for every protocol and every caller. Must not know who asked, nor
 * how an answer looks.
 */
@NullMarked
package io.gochat.server.failure;

import org.jspecify.annotations.NullMarked;
