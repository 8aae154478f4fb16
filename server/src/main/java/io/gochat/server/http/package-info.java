/**
 * The HTTP JSON API. Must not know how messages are stored or how connections of other protocols are written to.
 */
@NullMarked
package io.gochat.server.http;

import org.jspecify.annotations.NullMarked;
