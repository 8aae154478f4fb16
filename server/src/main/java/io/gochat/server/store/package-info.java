/** A store as the composition sees it: everything that is kept, and the way from one into another. */
@NullMarked
package io.gochat.server.store;

import org.jspecify.annotations.NullMarked;
