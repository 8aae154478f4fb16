package io.gochat.server.identity;

import java.util.Locale;

/** What an API key may do. */
public enum Scope {
  /** Publish, as the service of its name. */
  PUBLISH,
  /** Look at whatever the administration shows. */
  READ,
  /** Everything. */
  ADMIN;

  /** As it is written in the file of keys. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
