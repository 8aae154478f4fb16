package io.gochat.server.webhook;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Row;
import io.gochat.server.messaging.Outbox.Table;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What could not be delivered, for operators: listed, sent again (out of order), deleted. Thread-safe. Works on any node,
 * because a dead letter is nobody's turn.
 */
final class DeadLetters {
  private static final int MOST_AT_ONCE = 100;

  private final Outbox outbox;
  private final Function<String, Endpoint> endpoints;
  private final Try tries;

  /** Sends an event on the webhooks' loop. */
  interface Try {
    CompletableFuture<Outcome> send(Endpoint endpoint, Event event);
  }

  /** {@code endpoints} throws for names that there are not. */
  DeadLetters(Outbox outbox, Function<String, Endpoint> endpoints, Try tries) {
    this.outbox = outbox;
    this.endpoints = endpoints;
    this.tries = tries;
  }

  CompletableFuture<List<DeadLetterView>> list(String endpoint, String after, int limit) {
    String prefix = endpoints.apply(endpoint).name() + "/";
    String from = after.isEmpty() ? "" : prefix + after;
    return outbox
        .rows(Table.DEAD, prefix, from, limit)
        .thenApply(rows -> rows.stream().map(DeadLetters::view).toList());
  }

  private static DeadLetterView view(Row row) {
    DeadLetter letter = DeadLetter.decode(row.value());
    return new DeadLetterView(
        letter.event().id(),
        letter.type().word(),
        letter.topic(),
        letter.tries(),
        letter.diedAtMs(),
        letter.reason());
  }

  CompletableFuture<Void> delete(String endpoint, String id) {
    return outbox.deleteDead(endpoints.apply(endpoint).name() + "/" + id).thenAccept(wasThere -> {
      if (!wasThere) {
        throw noSuchLetter();
      }
    });
  }

  /** Tries one of them once; one that is taken is no dead letter any more. */
  CompletableFuture<Void> send(String endpoint, String id) {
    Endpoint to = endpoints.apply(endpoint);
    String key = to.name() + "/" + id;
    return outbox.rows(Table.DEAD, key, "", 1).thenCompose(rows -> {
      if (rows.isEmpty() || !rows.get(0).key().equals(key)) {
        throw noSuchLetter();
      }
      return send(to, rows.get(0)).thenAccept(outcome -> {
        if (!outcome.isDelivered()) {
          throw new RefusedException(
              ErrorKind.OVERLOADED, "the endpoint did not take it: " + outcome.detail());
        }
      });
    });
  }

  private CompletableFuture<Outcome> send(Endpoint to, Row row) {
    return tries
        .send(to, DeadLetter.decode(row.value()).event())
        .thenCompose(outcome -> outcome.isDelivered()
            ? outbox.deleteDead(row.key()).thenApply(deleted -> outcome)
            : CompletableFuture.completedFuture(outcome));
  }

  /** Tries up to a hundred of them, one after the other, and stops at the first that is not taken. */
  CompletableFuture<Resent> sendAll(String endpoint) {
    Endpoint to = endpoints.apply(endpoint);
    return outbox
        .rows(Table.DEAD, to.name() + "/", "", MOST_AT_ONCE)
        .thenCompose(rows -> sendNext(to, rows, 0));
  }

  private CompletableFuture<Resent> sendNext(Endpoint to, List<Row> rows, int at) {
    if (at == rows.size()) {
      return CompletableFuture.completedFuture(new Resent(at, ""));
    }
    return send(to, rows.get(at))
        .thenCompose(outcome -> outcome.isDelivered()
            ? sendNext(to, rows, at + 1)
            : CompletableFuture.completedFuture(new Resent(at, outcome.detail())));
  }

  private static RefusedException noSuchLetter() {
    return new RefusedException(ErrorKind.NOT_FOUND, "no such dead letter");
  }
}
