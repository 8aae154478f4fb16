package io.gochat.server.config;

import io.gochat.server.net.Plaintext;
import io.gochat.server.tls.TlsOptions;
import java.util.Optional;

/**
 * TLS on the port, and who may do without. Immutable.
 *
 * @param options where the certificate is; empty: there is none, and no TLS
 * @param plaintext who may speak without TLS
 */
public record TlsConfig(Optional<TlsOptions> options, Plaintext plaintext) {}
