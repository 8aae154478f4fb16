package io.gochat.server.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Who does the cryptography. */
public enum TlsProvider {
  /** OpenSSL where it is available, the JDK otherwise. */
  AUTO,
  /** BoringSSL, which comes along for Linux. */
  OPENSSL,
  /** The JDK's own; everywhere. */
  JDK;

  /** The word of the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Why it cannot be used here, or null when it can. Loads the native library. */
  public @Nullable String unavailableBecause() {
    if (this != OPENSSL || OpenSsl.isAvailable()) {
      return null;
    }
    return String.valueOf(OpenSsl.unavailabilityCause());
  }

  /** What {@link #AUTO} stands for here; the others stand for themselves. Loads the native library. */
  TlsProvider resolved() {
    if (this != AUTO) {
      return this;
    }
    return OpenSsl.isAvailable() ? OPENSSL : JDK;
  }

  /** Netty's name. Counted references, so that a native object ends with its connection, not with a finalizer. */
  SslProvider nettys() {
    return resolved() == OPENSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }
}
