package io.gochat.server.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads a private key as PKCS#8, and says what to do about other forms. Stateless. */
final class PrivateKeyPem {
  private static final Pattern BLOCK = Pattern.compile(
      "-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private PrivateKeyPem() {}

  /** The first key of {@code pem}; {@code file} is named in what is wrong with it. */
  static PrivateKey read(byte[] pem, Path file, char @Nullable [] password)
      throws UnusableCertificateException {
    Matcher block = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!block.find()) {
      throw new UnusableCertificateException("--tls-key=" + file + " holds no PEM private key.");
    }
    String type = block.group(1);
    if (!type.equals("PRIVATE KEY") && !type.equals("ENCRYPTED PRIVATE KEY")) {
      throw notPkcs8(type, file);
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(block.group(2));
      return key(type.startsWith("ENCRYPTED") ? decrypted(der, file, password) : spec(der), file);
    } catch (IllegalArgumentException e) {
      throw new UnusableCertificateException("--tls-key=" + file + " is damaged.", e);
    }
  }

  private static UnusableCertificateException notPkcs8(String type, Path file) {
    String form = type.equals("RSA PRIVATE KEY") ? "PKCS#1" : "\"" + type + "\"";
    return new UnusableCertificateException("--tls-key=" + file + " is a key in the form " + form
        + ", but PKCS#8 is needed. This converts it: openssl pkcs8 -topk8 -nocrypt -in " + file
        + " -out " + file + ".pkcs8");
  }

  private static PKCS8EncodedKeySpec spec(byte[] der) {
    return new PKCS8EncodedKeySpec(der);
  }

  private static PKCS8EncodedKeySpec decrypted(byte[] der, Path file, char @Nullable [] password)
      throws UnusableCertificateException {
    if (password == null) {
      throw new UnusableCertificateException(
          "--tls-key=" + file + " is encrypted: give --tls-key-password-file.");
    }
    try {
      EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
      // PBES2 says only in its parameters which algorithms it is made of.
      String name = encrypted.getAlgName();
      String algorithm = name.equals("PBES2") || name.startsWith("1.2.840.113549.1.5.13")
          ? encrypted.getAlgParameters().toString()
          : name;
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
          encrypted.getAlgParameters());
      return encrypted.getKeySpec(cipher);
    } catch (IOException | GeneralSecurityException e) {
      throw new UnusableCertificateException(
          "--tls-key=" + file
              + " cannot be decrypted: the password in --tls-key-password-file is wrong, or the"
              + " cipher is not known here.",
          e);
    }
  }

  private static PrivateKey key(PKCS8EncodedKeySpec spec, Path file)
      throws UnusableCertificateException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // Another algorithm's key, perhaps the next one's.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e); // each JDK has these
      }
    }
    throw new UnusableCertificateException(
        "--tls-key=" + file + " is no RSA, EC or Ed25519 key in the form PKCS#8.");
  }
}
