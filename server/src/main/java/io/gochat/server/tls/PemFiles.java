package io.gochat.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bytes of all files at one moment, so that what is checked is what is used. Immutable by agreement. */
final class PemFiles {
  private final TlsOptions options;
  private final byte[] certificate;
  private final byte[] key;
  private final byte @Nullable [] keyPassword;
  private final byte @Nullable [] clientCa;

  private PemFiles(
      TlsOptions options,
      byte[] certificate,
      byte[] key,
      byte @Nullable [] keyPassword,
      byte @Nullable [] clientCa) {
    this.options = options;
    this.certificate = certificate;
    this.key = key;
    this.keyPassword = keyPassword;
    this.clientCa = clientCa;
  }

  /** Reads them all. Blocks. */
  static PemFiles read(TlsOptions options) throws UnusableCertificateException {
    return new PemFiles(
        options,
        bytes("--tls-cert", options.certificate()),
        bytes("--tls-key", options.key()),
        bytes("--tls-key-password-file", options.keyPassword()),
        bytes("--tls-client-ca", options.clientCa()));
  }

  private static byte @Nullable [] bytes(String flag, Optional<Path> file)
      throws UnusableCertificateException {
    return file.isPresent() ? bytes(flag, file.get()) : null;
  }

  private static byte[] bytes(String flag, Path file) throws UnusableCertificateException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      String why = Files.exists(file) ? "cannot be read" : "does not exist";
      throw new UnusableCertificateException(flag + "=" + file + " " + why + ".", e);
    }
  }

  /** The same in the same files? */
  boolean hasSameBytes(PemFiles other) {
    return MessageDigest.isEqual(certificate, other.certificate)
        && MessageDigest.isEqual(key, other.key)
        && MessageDigest.isEqual(keyPassword, other.keyPassword)
        && MessageDigest.isEqual(clientCa, other.clientCa);
  }

  /** The server's certificate, then those that lead to a root. */
  List<X509Certificate> chain() throws UnusableCertificateException {
    return certificates("--tls-cert", options.certificate(), certificate);
  }

  /** Who signs clients' certificates; empty: clients need none. */
  List<X509Certificate> clientAuthorities() throws UnusableCertificateException {
    byte[] pem = clientCa;
    if (pem == null) {
      return List.of();
    }
    return certificates("--tls-client-ca", options.clientCa().orElseThrow(), pem);
  }

  PrivateKey privateKey() throws UnusableCertificateException {
    byte[] password = keyPassword;
    char[] characters = password == null
        ? null
        : new String(password, StandardCharsets.UTF_8).stripTrailing().toCharArray();
    return PrivateKeyPem.read(key, options.key(), characters);
  }

  private static List<X509Certificate> certificates(String flag, Path file, byte[] pem)
      throws UnusableCertificateException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Certificate each : factory.generateCertificates(new ByteArrayInputStream(pem))) {
        certificates.add((X509Certificate) each);
      }
    } catch (CertificateException e) {
      throw new UnusableCertificateException(
          flag + "=" + file + " holds something else than PEM certificates.", e);
    }
    if (certificates.isEmpty()) {
      throw new UnusableCertificateException(flag + "=" + file + " holds no PEM certificate.");
    }
    return List.copyOf(certificates);
  }
}
