/**
 * The byte layout of a frame: version byte, 24-bit length, payload. Knows nothing of what a payload means.
 */
@NullMarked
package io.gochat.protocol.frame;

import org.jspecify.annotations.NullMarked;
