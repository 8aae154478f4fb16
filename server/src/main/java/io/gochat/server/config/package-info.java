/**
 * The settings: the flags with their environment variables, and the checked values that they stand for. Knows nothing of the
 * objects that are made of them.
 */
@NullMarked
package io.gochat.server.config;

import org.jspecify.annotations.NullMarked;
