/**
 * The server's certificate and key: read, checked, read again when they change. Knows no protocol and no connection but
 * the handler that TLS needs of it.
 */
@NullMarked
package io.gochat.server.tls;

import org.jspecify.annotations.NullMarked;
