package io.gochat.server.http;

import java.net.InetAddress;

/**
 * Where a connection comes from, and which port it reached. Immutable.
 *
 * @param peer who is at its other end
 * @param isEncrypted whether it goes through TLS
 * @param surface which endpoints the port has
 */
record Origin(InetAddress peer, boolean isEncrypted, Surface surface) {}
