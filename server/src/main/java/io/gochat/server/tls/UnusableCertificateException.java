package io.gochat.server.tls;

/** A certificate or key cannot be used; the message is a sentence for the operator. */
public final class UnusableCertificateException extends Exception {
  private static final long serialVersionUID = 1;

  UnusableCertificateException(String sentence) {
    super(sentence);
  }

  UnusableCertificateException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
