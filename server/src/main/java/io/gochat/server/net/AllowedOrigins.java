package io.gochat.server.net;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** From which web sites scripts may use this server, over HTTP and WebSocket alike. Immutable. */
public final class AllowedOrigins {
  /** From all of them. */
  public static final AllowedOrigins ANY = new AllowedOrigins(true, Set.of());

  private static final Pattern ORIGIN =
      Pattern.compile("https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:.]+](:[0-9]{1,5})?");

  private final boolean any;
  private final Set<String> origins;

  private AllowedOrigins(boolean any, Set<String> origins) {
    this.any = any;
    this.origins = origins;
  }

  /**
   * Of entries such as {@code https://chat.example.org}; {@code *} alone: all.
   *
   * @throws IllegalArgumentException when one of them is no origin
   */
  public static AllowedOrigins parse(List<String> entries) {
    if (entries.equals(List.of("*"))) {
      return ANY;
    }
    Set<String> origins = entries.stream()
        .map(entry -> entry.trim().toLowerCase(Locale.ROOT))
        .collect(Collectors.toUnmodifiableSet());
    for (String origin : origins) {
      if (!ORIGIN.matcher(origin).matches()) {
        throw new IllegalArgumentException(
            "\"" + origin + "\" is no origin such as https://chat.example.org, nor * alone");
      }
    }
    return new AllowedOrigins(false, origins);
  }

  /** Whether nobody is asked. */
  public boolean isAny() {
    return any;
  }

  /**
   * Whether a request may come from there. One without an origin is no script's, and one from the site that this server is
   * itself needs no leave.
   *
   * @param origin as the browser says; null: it does not
   * @param host in the request's {@code Host}; null: there is none
   */
  public boolean permits(@Nullable String origin, @Nullable String host) {
    return any
        || origin == null
        || origins.contains(origin)
        || (host != null && (origin.equals("http://" + host) || origin.equals("https://" + host)));
  }
}
