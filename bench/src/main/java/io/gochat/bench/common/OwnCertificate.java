package io.gochat.bench.common;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A certificate for this machine that a run makes for its own servers, with the JDK's keytool. Immutable.
 *
 * @param certificate PEM; who trusts this file trusts the servers
 * @param key PEM, PKCS#8
 */
public record OwnCertificate(Path certificate, Path key) {
  private static final String ALIAS = "own";
  private static final String PASSWORD = "changeit";

  /** Makes one below {@code directory}. */
  public static OwnCertificate in(Path directory) throws IOException, InterruptedException {
    Path store = directory.resolve("own.p12");
    makeStore(store);
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore made = KeyStore.getInstance("PKCS12");
      made.load(in, PASSWORD.toCharArray());
      Key key = made.getKey(ALIAS, PASSWORD.toCharArray());
      return new OwnCertificate(
          pem(
              directory.resolve("own.crt"),
              "CERTIFICATE",
              made.getCertificate(ALIAS).getEncoded()),
          pem(directory.resolve("own.key"), "PRIVATE KEY", key.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificate of this run: " + e.getMessage(), e);
    }
  }

  private static void makeStore(Path store) throws IOException, InterruptedException {
    Process keytool = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=localhost",
            "-ext",
            "SAN=DNS:localhost,IP:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    if (!keytool.waitFor(1, TimeUnit.MINUTES) || keytool.exitValue() != 0) {
      throw new IOException("keytool of this JDK made no certificate");
    }
  }

  private static Path pem(Path file, String what, byte[] bytes) throws IOException {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
    return Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n");
  }

  /** The flags of a server that speaks TLS with it. */
  public String[] flags() {
    return new String[] {"--tls-cert", certificate.toString(), "--tls-key", key.toString()};
  }
}
