/** Strict JSON, the same for every protocol that reads it. Must not know what is read. */
@NullMarked
package io.gochat.server.json;

import org.jspecify.annotations.NullMarked;
