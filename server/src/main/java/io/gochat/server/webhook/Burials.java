package io.gochat.server.webhook;

import io.gochat.server.bounds.Warnings;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Table;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes dead letters, and keeps so many for each endpoint. Confined to the webhooks' loop. */
final class Burials {
  private static final int MOST = 10_000;
  /** As far as they are counted when everything is read. */
  static final int MOST_COUNTED = MOST + 1;

  private final Outbox outbox;
  private final Supplier<Outbox.Changes> changes;
  private final Warnings warnings;
  private final Turns turns;
  private final Map<String, Integer> known = new HashMap<>();

  /** What is asked of the outbox goes on here, on the loop. */
  interface Turns {
    /** Completes on the loop, unless everything was read again meanwhile. */
    <T> void onLoop(CompletableFuture<T> future, Consumer<T> completed, Consumer<Throwable> failed);
  }

  /** In this outbox; {@code changes} are what is written next. */
  Burials(Outbox outbox, Supplier<Outbox.Changes> changes, Warnings warnings, Turns turns) {
    this.outbox = outbox;
    this.changes = changes;
    this.warnings = warnings;
    this.turns = turns;
  }

  /** So many were there. */
  void counted(String endpoint, int letters) {
    known.put(endpoint, letters);
  }

  /** How many there are, as far as is known here. */
  int of(String endpoint) {
    return known.getOrDefault(endpoint, 0);
  }

  void bury(String endpoint, DeadLetter letter) {
    int letters = known.merge(endpoint, 1, Integer::sum);
    String key = endpoint + "/" + letter.event().id();
    changes.get().put(Table.DEAD, key, letter.encode());
    if (letters > MOST) {
      known.put(endpoint, letters - 1);
      turns.onLoop(
          outbox.rows(Table.DEAD, endpoint + "/", "", 1),
          rows -> rows.forEach(row -> {
            changes.get().delete(Table.DEAD, row.key());
            warnings.warn(
                "dead letters " + endpoint,
                "the webhook " + endpoint + " has too many dead letters: one of them is deleted",
                row.key());
          }),
          failure -> {});
    }
  }
}
