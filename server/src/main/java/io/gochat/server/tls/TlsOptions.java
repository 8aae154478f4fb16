package io.gochat.server.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the certificate is, and who else must have one. Immutable.
 *
 * @param certificate PEM: the server's own certificate first, then those that lead to a root
 * @param key PEM: its private key as PKCS#8
 * @param keyPassword a file with the key's password
 * @param clientCa PEM: who must have signed a client's certificate; empty: clients need none
 * @param provider who does the cryptography
 */
public record TlsOptions(
    Path certificate,
    Path key,
    Optional<Path> keyPassword,
    Optional<Path> clientCa,
    TlsProvider provider) {}
