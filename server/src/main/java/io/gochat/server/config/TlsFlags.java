package io.gochat.server.config;

import io.gochat.server.net.Plaintext;
import io.gochat.server.tls.TlsOptions;
import io.gochat.server.tls.TlsProvider;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about TLS. Filled by picocli, then read once. */
final class TlsFlags {
  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Certificate chain in PEM, the server's own first: the port speaks TLS as well. Read again when it"
              + " changes, and on SIGHUP.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The certificate's private key in PEM, PKCS#8.")
  private @Nullable Path key;

  @Option(
      names = "--tls-key-password-file",
      paramLabel = "FILE",
      description = "Holds the password of an encrypted key.")
  private @Nullable Path keyPassword;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description =
          "Certificates in PEM: with them, each client must show one that they have signed.")
  private @Nullable Path clientCa;

  @Option(
      names = "--plaintext",
      paramLabel = "WHO",
      description =
          "Who may do without TLS: allow (everybody), loopback or refuse (nobody), judged by the client's"
              + " address. Without a certificate: allow; with one: loopback.")
  private @Nullable Plaintext plaintext;

  @Option(
      names = "--tls-provider",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "openssl, jdk, or auto: OpenSSL where it runs.")
  private TlsProvider provider = TlsProvider.AUTO;

  TlsConfig config() {
    Optional<TlsOptions> options = options();
    Plaintext byDefault = options.isPresent() ? Plaintext.LOOPBACK : Plaintext.ALLOW;
    Plaintext wanted = plaintext == null ? byDefault : plaintext;
    if (wanted == Plaintext.REFUSE && options.isEmpty()) {
      throw new ConfigException(
          "--plaintext=refuse without --tls-cert and --tls-key would let nobody in.");
    }
    return new TlsConfig(options, wanted);
  }

  private Optional<TlsOptions> options() {
    Path chain = certificate;
    Path secret = key;
    if (chain != null && secret != null) {
      String unavailable = provider.unavailableBecause();
      if (unavailable != null) {
        throw new ConfigException(
            "--tls-provider=" + provider.word() + " is not available here: " + unavailable + ".");
      }
      return Optional.of(new TlsOptions(
          chain,
          secret,
          Optional.ofNullable(keyPassword),
          Optional.ofNullable(clientCa),
          provider));
    }
    if (chain != null || secret != null) {
      throw new ConfigException("--tls-cert and --tls-key belong together: give both.");
    }
    if (keyPassword != null || clientCa != null) {
      String given = keyPassword == null ? "--tls-client-ca" : "--tls-key-password-file";
      throw new ConfigException(given + " is of no use without --tls-cert and --tls-key.");
    }
    return Optional.empty();
  }
}
