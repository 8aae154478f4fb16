package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.Resumed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The resume matrix at random: publishes, retention, cuts, wire duplicates and unclean stops that use sequences again,
 * in thousands of interleavings, against a model of the log.
 */
final class SubscriptionsTest {
  private static final Topic INBOX = Topic.user(7);

  @Test
  void whatever_happens_each_message_is_handed_over_once_in_order_or_told_as_lost() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      Model model = new Model(random, "seed " + seed + " round " + round);
      model.run(40);
    }
  }

  /** A log, a connection to it, and what the application has seen. */
  private static final class Model {
    private record Entry(long seq, long id) {}

    private final Random random;
    private final String where;
    private final Subscriptions subscriptions =
        new Subscriptions(new Positions(Optional.empty(), AckMode.AUTO), this::see, this::broken);
    private final Set<Long> seenIds = new HashSet<>();
    private List<Entry> log = new ArrayList<>();
    private long epoch = 1;
    private long lastSeq;
    private long lastId;
    private boolean connected;
    private long nextSeq;

    private long seenEpoch;
    private long seenSeq;
    private boolean seenAnything;

    Model(Random random, String where) {
      this.random = random;
      this.where = where;
    }

    void run(int steps) {
      for (int i = 0; i < steps; i++) {
        switch (random.nextInt(12)) {
          case 0, 1, 2, 3 -> publish();
          case 4, 5, 6 -> deliver();
          case 7 -> deliverAgain();
          case 8 -> cut();
          case 9 -> connect();
          case 10 -> trim();
          default -> {
            if (random.nextInt(4) == 0) {
              stopUncleanly();
            }
          }
        }
      }
      connect();
      while (nextSeq <= lastSeq) {
        deliver();
      }
      if (lastSeq > 0 && seenAnything) {
        assertThat(List.of(seenEpoch, seenSeq)).as(where).isEqualTo(List.of(epoch, lastSeq));
      }
    }

    private void publish() {
      log.add(new Entry(++lastSeq, ++lastId));
    }

    private void trim() {
      if (!log.isEmpty()) {
        log = new ArrayList<>(log.subList(random.nextInt(log.size() + 1), log.size()));
      }
    }

    /** Loses the last moments: their sequences will be used again, in a new epoch. */
    private void stopUncleanly() {
      cut();
      int lost = log.isEmpty() ? 0 : random.nextInt(log.size() + 1);
      log = new ArrayList<>(log.subList(0, log.size() - lost));
      lastSeq -= lost;
      epoch++;
    }

    private void cut() {
      connected = false;
      subscriptions.linkDown();
    }

    private void connect() {
      if (connected) {
        return;
      }
      connected = true;
      List<io.gochat.protocol.Position> resume = subscriptions.resume(1_000_000);
      long first = log.isEmpty() ? lastSeq + 1 : log.get(0).seq();
      long wanted = resume.isEmpty() ? 1 : resume.get(0).getSeq() + 1;
      boolean recognised = resume.isEmpty() || isRecognised(resume.get(0));
      nextSeq = recognised ? Math.max(wanted, first) : first;
      boolean recovered = recognised && wanted >= first;
      Resumed resumed = ScriptedServer.resumed(INBOX, epoch, nextSeq, recovered).build();
      subscriptions.welcomed(7, List.of(resumed));
      // Sometimes the connection breaks between the welcome and its gap.
      if (!recovered && random.nextInt(5) == 0) {
        cut();
        connect();
      } else if (!recovered) {
        gap(recognised ? wanted : 0, nextSeq - 1);
      }
    }

    private boolean isRecognised(io.gochat.protocol.Position position) {
      boolean sameId = log.stream()
          .filter(e -> e.seq() == position.getSeq() && position.getMessageId() != 0)
          .allMatch(e -> e.id() == position.getMessageId());
      return position.getEpoch() == epoch && position.getSeq() <= lastSeq && sameId;
    }

    private void deliver() {
      if (!connected || nextSeq > lastSeq) {
        return;
      }
      long first = log.isEmpty() ? lastSeq + 1 : log.get(0).seq();
      if (nextSeq < first) {
        gap(nextSeq, first - 1);
        nextSeq = first;
      } else {
        send(log.get((int) (nextSeq - first)));
        nextSeq++;
      }
    }

    private void deliverAgain() {
      log.stream()
          .filter(e -> connected && e.seq() < nextSeq && seenAnything && seenEpoch == epoch)
          .filter(e -> e.seq() <= seenSeq)
          .skip(random.nextInt(3))
          .findFirst()
          .ifPresent(this::send);
    }

    private void send(Entry entry) {
      subscriptions.delivered(io.gochat.protocol.Message.newBuilder()
          .setTopic(Wire.topic(INBOX))
          .setSeq(entry.seq())
          .setMessageId(entry.id())
          .setText("x")
          .build());
    }

    private void gap(long fromSeq, long toSeq) {
      subscriptions.lost(io.gochat.protocol.Gap.newBuilder()
          .setTopic(Wire.topic(INBOX))
          .setFromSeq(fromSeq)
          .setToSeq(toSeq)
          .setEpoch(epoch)
          .build());
    }

    private void see(Delivery delivery) {
      if (delivery instanceof Delivery.OfGap of) {
        if (of.gap().epochChanged()) {
          // Told: what survived of the old epoch may come again under the new one.
          seenIds.clear();
        }
        seen(of.gap().epoch(), of.gap().toSeq());
      } else if (delivery instanceof Delivery.OfMessage of) {
        Message message = of.message();
        assertThat(seenIds.add(message.messageId())).as("%s: once", where).isTrue();
        assertThat(message.epoch()).as(where).isEqualTo(epoch);
        if (seenAnything) {
          assertThat(List.of(message.epoch(), message.seq()))
              .as("%s: the next, or a gap in between", where)
              .isEqualTo(List.of(seenEpoch, seenSeq + 1));
        }
        seen(message.epoch(), message.seq());
      }
    }

    private void seen(long epoch, long seq) {
      seenAnything = true;
      seenEpoch = epoch;
      seenSeq = seq;
    }

    private void broken(String why) {
      throw new AssertionError(where + ": " + why);
    }
  }
}
