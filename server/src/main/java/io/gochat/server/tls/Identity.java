package io.gochat.server.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A certificate with the key that fits it. Immutable.
 *
 * @param chain the server's certificate first
 * @param key its private key
 * @param clientAuthorities who signs clients' certificates; empty: clients need none
 */
record Identity(
    List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientAuthorities) {
  private static final byte[] PROBE = {'g', 'o', 'c', 'h', 'a', 't'};

  /** What the files hold, if it fits together. */
  static Identity of(PemFiles files, TlsOptions options) throws UnusableCertificateException {
    Identity identity = new Identity(files.chain(), files.privateKey(), files.clientAuthorities());
    if (!identity.fits()) {
      throw new UnusableCertificateException("--tls-key=" + options.key()
          + " is not the key of the first certificate in --tls-cert=" + options.certificate()
          + ", which must be the server's own.");
    }
    return identity;
  }

  private boolean fits() {
    PublicKey published = own().getPublicKey();
    String algorithm = switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(published);
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // keys of two kinds
    }
  }

  /** The server's own certificate. */
  X509Certificate own() {
    return chain.get(0);
  }

  /** Until when every certificate that the server shows is valid. */
  Instant expires() {
    return chain.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** Refuses what no client would take now. */
  void checkValidAt(Instant now, Path file) throws UnusableCertificateException {
    Instant from = own().getNotBefore().toInstant();
    if (now.isBefore(from)) {
      throw new UnusableCertificateException(
          "--tls-cert=" + file + " is not valid before " + from + ".");
    }
    if (now.isAfter(expires())) {
      throw new UnusableCertificateException(
          "--tls-cert=" + file + " expired at " + expires() + ".");
    }
  }
}
