package io.gochat.server.admin;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A part of a list. Immutable.
 *
 * @param items in the order of their keys
 * @param next where the following page starts; empty: this is the last
 */
public record Listing<T>(List<T> items, Optional<String> next) {
  /** The most that a page holds. */
  public static final int MAX = 1_000;

  public Listing {
    items = List.copyOf(items);
  }

  /** Those behind {@code cursor} (empty: from the start), at most {@code limit}. */
  static <T> Listing<T> of(List<T> all, Function<T, String> key, String cursor, int limit) {
    List<T> behind = all.stream()
        .filter(item -> key.apply(item).compareTo(cursor) > 0)
        .sorted(Comparator.comparing(key))
        .limit(limit + 1L)
        .toList();
    if (behind.size() <= limit) {
      return new Listing<>(behind, Optional.empty());
    }
    List<T> page = behind.subList(0, limit);
    return new Listing<>(page, Optional.of(key.apply(page.get(limit - 1))));
  }
}
