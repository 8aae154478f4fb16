/**
 * The composition root: start and stop order. Nothing imports this package.
 */
@NullMarked
package io.gochat.server;

import org.jspecify.annotations.NullMarked;
