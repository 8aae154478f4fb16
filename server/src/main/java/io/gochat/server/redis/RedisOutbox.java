package io.gochat.server.redis;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbox in one Redis, not in a Cluster: a stream per topic, written by {@code append.lua} in the step that appends the
 * message, and an index of the topics by their newest record. Thread-safe. Nodes take turns in telling by a lease; the one
 * that has it looks for what is new 50 times a second, and at once again while there is something.
 *
 * <p>Positions come from a counter in the same Redis, so that a replica that takes over has counter and records of the same
 * moment. After every new connection, and when the counter went back, everything is to be looked at again.
 */
final class RedisOutbox implements Outbox {
  private static final Logger log = LoggerFactory.getLogger(RedisOutbox.class);
  private static final Script LEAD = Script.load("outbox_lead");
  private static final Script RELEASE = Script.load("release");
  private static final Script BEGIN = Script.load("outbox_begin");
  private static final Script TOPICS = Script.load("outbox_topics");
  private static final Script READ = Script.load("outbox_read");
  private static final Script WRITE = Script.load("outbox_write");
  private static final Script ROWS = Script.load("outbox_rows");
  private static final Script DELETE = Script.load("outbox_delete");
  private static final long LEASE_MS = 10_000;
  private static final long LOOK_MS = 20;
  private static final long AFTER_BUG_MS = 500;
  private static final int UNKNOWN = -1;
  private static final int TOPICS_AT_ONCE = 1_000;
  private static final int TRIMS_AT_ONCE = 1_000;
  private static final int FIXED_KEYS = 4;
  private static final byte[] NOTHING = new byte[0];

  private final RedisLink link;
  private final Committer committer;
  private final ScheduledExecutorService scheduler;
  private final String owner = UUID.randomUUID().toString();
  private volatile @Nullable Listener listener;
  /** Of Redis, and what that was called when it was this node's turn; a restart of Redis begins another turn. */
  private volatile long term;

  private volatile String life = "";
  private final AtomicLong turn = new AtomicLong();
  private volatile long seen;
  private volatile int generation;
  /** What topics held when that was last heard; for what is new. */
  private final Map<Topic, Long> bytesOf = new HashMap<>(); // guarded by itself

  RedisOutbox(RedisLink link, Committer committer, ScheduledExecutorService scheduler) {
    this.link = link;
    this.committer = committer;
    this.scheduler = scheduler;
  }

  @Override
  public void record(TopicFilter wanted) {
    committer.record(wanted);
  }

  @Override
  public void listener(Listener hears) {
    listener = hears;
  }

  // ---- who tells ----

  @Override
  public CompletableFuture<Long> lead() {
    int asOf = link.generation();
    byte[][] keys = {link.keys().outboxLease, link.keys().outboxTerm, link.keys().outboxEnd};
    return Failures.translated(LEAD.call(
            link.commands(), keys, Keys.bytes(owner), Keys.bytes(LEASE_MS))
        .thenApply(answer -> {
          long now = Keys.number((byte[]) answer.get(0));
          String nowLife = Keys.text((byte[]) answer.get(2));
          if (now != term || !nowLife.equals(life)) {
            generation = asOf;
            seen = Keys.number((byte[]) answer.get(1));
            term = now;
            life = nowLife;
            turn.incrementAndGet();
            forgetBytes();
            look(turn.get());
          }
          return now == 0 ? 0 : turn.get();
        }));
  }

  @Override
  public CompletableFuture<Void> resign() {
    term = 0;
    return Failures.translated(RELEASE
        .call(link.commands(), new byte[][] {link.keys().outboxLease}, Keys.bytes(owner))
        .thenAccept(done -> {}));
  }

  // ---- what is new ----

  // Again and again for as long as this turn lasts; the next one looks for itself.
  private void look(long ofTurn) {
    if (term == 0 || turn.get() != ofTurn) {
      return;
    }
    int asOf = link.generation();
    topics(seen, TOPICS_AT_ONCE, false).whenComplete((answer, failure) -> {
      long inMs = LOOK_MS;
      try {
        if (failure != null) {
          log.debug("The outbox cannot be looked at now", failure);
        } else if (turn.get() == ofTurn && heard(asOf, answer)) {
          inMs = 0;
        }
      } catch (RuntimeException e) {
        log.error("Records of the outbox could not be told; all of it is looked at again", e);
        generation = UNKNOWN;
        inMs = AFTER_BUG_MS;
      }
      lookLater(ofTurn, inMs);
    });
  }

  private void lookLater(long ofTurn, long inMs) {
    try {
      scheduler.schedule(() -> look(ofTurn), inMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("Closed", e);
    }
  }

  private boolean heard(int asOf, List<Object> answer) {
    Listener hears = listener;
    long end = Keys.number((byte[]) answer.get(0));
    if (hears == null) {
      return false;
    }
    if (asOf != generation || end < seen) {
      // Another connection, perhaps another Redis: what was known may not be so any more.
      generation = asOf;
      seen = end;
      forgetBytes();
      hears.lookAgain();
      return true;
    }
    List<Recorded> recorded = new ArrayList<>();
    for (int at = 1; at < answer.size(); at += 4) {
      Topic topic = Keys.topic(Keys.text((byte[]) answer.get(at)));
      long last = Keys.number((byte[]) answer.get(at + 1));
      long bytes = Keys.number((byte[]) answer.get(at + 2));
      seen = Math.max(seen, last);
      recorded.add(new Recorded(topic, last, grownBy(topic, bytes), List.of()));
    }
    if (!recorded.isEmpty()) {
      hears.recorded(recorded);
    }
    return !recorded.isEmpty();
  }

  private long grownBy(Topic topic, long bytes) {
    synchronized (bytesOf) {
      Long before = bytesOf.put(topic, bytes);
      return Math.max(0, bytes - (before == null ? 0 : before));
    }
  }

  private void shrunkBy(Topic topic, long bytes) {
    synchronized (bytesOf) {
      bytesOf.computeIfPresent(topic, (key, before) -> before > bytes ? before - bytes : null);
    }
  }

  private void forgetBytes() {
    synchronized (bytesOf) {
      bytesOf.clear();
    }
  }

  private CompletionStage<List<Object>> topics(long after, int max, boolean withOldest) {
    return TOPICS.call(
        link.commands(),
        new byte[][] {link.keys().outboxTopics, link.keys().outboxBytes, link.keys().outboxEnd},
        Keys.bytes(after),
        Keys.bytes(max),
        withOldest ? link.keys().beforeTopic() : NOTHING,
        Keys.behindTopicOfOutbox());
  }

  // ---- reading ----

  @Override
  public CompletableFuture<Long> begin(String name) {
    return Failures.translated(BEGIN
        .call(
            link.commands(),
            new byte[][] {link.keys().outboxBegins, link.keys().outboxEnd},
            Keys.bytes(name))
        .thenApply(answer -> Keys.number((byte[]) answer.get(0))));
  }

  @Override
  public CompletableFuture<List<Backlog>> backlogs(@Nullable Backlog after, int max) {
    // By their newest record: a topic that is recorded meanwhile moves to the end.
    return Failures.translated(topics(after == null ? 0 : after.lastPosition(), max, true)
        .thenApply(answer -> {
          List<Backlog> backlogs = new ArrayList<>();
          for (int at = 1; at < answer.size(); at += 4) {
            Topic topic = Keys.topic(Keys.text((byte[]) answer.get(at)));
            long bytes = Keys.number((byte[]) answer.get(at + 2));
            grownBy(topic, bytes);
            backlogs.add(new Backlog(
                topic,
                Keys.number((byte[]) answer.get(at + 3)),
                Keys.number((byte[]) answer.get(at + 1)),
                bytes));
          }
          return backlogs;
        }));
  }

  @Override
  public CompletableFuture<List<OutboxRecord>> read(
      Topic topic, long after, int maxRecords, int maxBytes) {
    return Failures.translated(READ.call(
            link.commands(),
            new byte[][] {link.keys().outbox(topic)},
            Keys.bytes(after + 1),
            Keys.bytes(maxRecords),
            Keys.bytes(maxBytes))
        .thenApply(answer -> {
          List<OutboxRecord> records = new ArrayList<>();
          for (int at = 0; at < answer.size(); at += 3) {
            records.add(record(topic, answer.subList(at, at + 3)));
          }
          return records;
        }));
  }

  private static OutboxRecord record(Topic topic, List<Object> fields) {
    String[] numbers = Keys.text((byte[]) fields.get(1)).split(":", -1);
    LoggedMessage message = StoredMessage.logged(
        (byte[]) fields.get(2), Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    return new OutboxRecord(
        topic, Keys.number((byte[]) fields.get(0)), Long.parseLong(numbers[2]), message.bytes());
  }

  @Override
  public CompletableFuture<List<Row>> rows(Table table, String prefix, String after, int max) {
    String from = after.compareTo(prefix) >= 0 && !after.isEmpty() ? "(" + after : "[" + prefix;
    return Failures.translated(ROWS.call(
            link.commands(), keys(table), Keys.bytes(from), Keys.bytes(max))
        .thenApply(answer -> {
          List<Row> rows = new ArrayList<>();
          for (int at = 0; at < answer.size(); at += 2) {
            String key = Keys.text((byte[]) answer.get(at));
            byte[] value = (byte[]) answer.get(at + 1);
            if (key.startsWith(prefix) && value.length > 0) {
              rows.add(new Row(key, value));
            }
          }
          return rows;
        }));
  }

  private byte[][] keys(Table table) {
    String name = table.name().toLowerCase(Locale.ROOT);
    return new byte[][] {link.keys().outboxRows(name), link.keys().outboxNames(name)};
  }

  // ---- writing ----

  /** What goes of a topic. */
  private static final class Trim {
    private long upTo;
    private long bytes;
  }

  @Override
  public CompletableFuture<Void> write(Changes changes) {
    Map<Topic, Trim> trims = new LinkedHashMap<>();
    // Whoever is told of a topic is told in order, so what goes is always its beginning.
    for (OutboxRecord record : changes.deleted()) {
      Trim trim = trims.computeIfAbsent(record.topic(), any -> new Trim());
      trim.upTo = Math.max(trim.upTo, record.position());
      trim.bytes += record.bytes();
    }
    changes.trimmed().forEach((topic, upTo) -> {
      Trim trim = trims.computeIfAbsent(topic, any -> new Trim());
      trim.upTo = Math.max(trim.upTo, upTo);
    });
    WriteCall first = new WriteCall();
    for (Table table : Table.values()) {
      changes.rows(table).forEach((name, value) -> first.row(table, name, value));
    }
    changes.forgotten().forEach(first::forget);
    List<WriteCall> calls = new ArrayList<>(List.of(first));
    for (Map.Entry<Topic, Trim> trim : trims.entrySet()) {
      WriteCall last = calls.get(calls.size() - 1);
      if (last.topics.size() >= TRIMS_AT_ONCE) {
        // Rows come before what they make superfluous; a call must not hold Redis up for long.
        last = new WriteCall();
        calls.add(last);
      }
      last.trim(trim.getKey(), trim.getValue());
    }
    CompletionStage<Void> written = CompletableFuture.completedStage(null);
    for (WriteCall call : calls) {
      written = written.thenCompose(before -> call.send());
    }
    return Failures.translated(
        written.thenAccept(done -> trims.forEach((topic, trim) -> shrunkBy(topic, trim.bytes))));
  }

  /** The keys and arguments of one call. */
  private final class WriteCall {
    private final List<byte[]> arguments =
        new ArrayList<>(List.of(Keys.bytes(owner), Keys.bytes(life)));
    private final List<Topic> topics = new ArrayList<>();

    @SuppressWarnings("EnumOrdinal") // the keys stand in the order of the tables
    void row(Table table, String name, byte[] value) {
      arguments.add(Keys.bytes("row"));
      arguments.add(Keys.bytes(FIXED_KEYS + 1 + 2 * table.ordinal()));
      arguments.add(Keys.bytes(name));
      arguments.add(value);
    }

    void forget(String name) {
      arguments.add(Keys.bytes("begin"));
      arguments.add(Keys.bytes(name));
    }

    void trim(Topic topic, Trim trim) {
      topics.add(topic);
      arguments.add(Keys.bytes("trim"));
      arguments.add(Keys.bytes(FIXED_KEYS + 2 * Table.values().length + topics.size()));
      arguments.add(Keys.bytes(Keys.name(topic)));
      arguments.add(Keys.bytes(trim.upTo));
      arguments.add(Keys.bytes(trim.bytes));
    }

    CompletionStage<Void> send() {
      List<byte[]> keys = new ArrayList<>(List.of(
          link.keys().outboxLease,
          link.keys().outboxTopics,
          link.keys().outboxBytes,
          link.keys().outboxBegins));
      for (Table table : Table.values()) {
        keys.addAll(List.of(keys(table)));
      }
      topics.forEach(topic -> keys.add(link.keys().outbox(topic)));
      return WRITE
          .call(link.commands(), keys.toArray(new byte[0][]), arguments.toArray(new byte[0][]))
          .thenAccept(done -> {});
    }
  }

  @Override
  public CompletableFuture<Boolean> deleteDead(String key) {
    return Failures.translated(DELETE
        .call(link.commands(), keys(Table.DEAD), Keys.bytes(key))
        .thenApply(answer -> (Long) answer.get(0) > 0));
  }
}
