package io.gochat.server.account;

import org.jspecify.annotations.Nullable;

/**
 * What may be a password. Stateless. The bounds are bcrypt's: it reads 72 bytes and silently ignores the rest, its C
 * heritage ends at NUL, and a lone surrogate becomes "?" in UTF-8, so that different passwords would be one.
 */
public final class Passwords {
  /** The longest password, in bytes of UTF-8. */
  public static final int MAX_BYTES = 72;

  private Passwords() {}

  /** Why it may not be used, for people, or null when it may. */
  public static @Nullable String problemWith(String password) {
    if (password.isEmpty()) {
      return "password: empty";
    }
    int bytes = 0;
    for (int i = 0; i < password.length(); i++) {
      char c = password.charAt(i);
      if (c == 0) {
        return "password: contains NUL";
      }
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == password.length()
            || !Character.isLowSurrogate(password.charAt(i + 1))) {
          return "password: not valid Unicode";
        }
        i++;
        bytes += 4;
      } else {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
      if (bytes > MAX_BYTES) {
        return "password: over " + MAX_BYTES + " bytes of UTF-8";
      }
    }
    return null;
  }
}
