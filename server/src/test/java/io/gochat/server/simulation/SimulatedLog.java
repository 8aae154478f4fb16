package io.gochat.server.simulation;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Message;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.messaging.TopicState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The log of a store, in memory, and the truth by which everything is judged: it keeps what was trimmed as well. Commits,
 * shows and tells when the schedule says so: like RocksDB, where answers and what the fan-out hears come as one, or like
 * Redis, where they come apart and what is told may be lost. Confined to the simulation's thread.
 */
final class SimulatedLog implements MessageLog {
  private static final PublishResult.Refused UNKNOWN = new PublishResult.Refused(
      ErrorKind.STORE_UNAVAILABLE, "the outcome is unknown, says the schedule", 1);
  private static final PublishResult.Refused FULL =
      new PublishResult.Refused(ErrorKind.OVERLOADED, "too much waits, says the schedule", 1);

  private final Dice dice;
  private final Trace trace;
  private final SimulatedTime time;
  private final StoreThreads threads;
  private final boolean isShared;
  private int maxQueued;
  private final Map<Topic, TopicLog> topics = new LinkedHashMap<>();
  private final Map<List<Object>, Entry> byKey = new HashMap<>();
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private final Deque<Runnable> answers = new ArrayDeque<>();
  private final Deque<List<TopicBatch>> notifications = new ArrayDeque<>();
  private final Map<Topic, Long> told = new LinkedHashMap<>();
  private final List<Map<Topic, Long>> endsOfEpochs = new ArrayList<>();

  private @Nullable CommitListener listener;
  private long lastId;
  private int failsOneIn;
  private int losesOneIn;

  /** A message in the log. */
  record Entry(LoggedMessage message, Publication publication) {
    long seq() {
      return message.seq();
    }

    long id() {
      return message.messageId();
    }
  }

  private record Waiting(Publication publication, CompletableFuture<PublishResult> answer) {}

  private static final class TopicLog {
    final List<Entry> entries = new ArrayList<>();
    long first = 1;

    long last() {
      return entries.size();
    }
  }

  /** Like that of several nodes, or of one; at most {@code maxQueued} publishes wait. */
  SimulatedLog(
      Dice dice,
      SimulatedTime time,
      StoreThreads threads,
      boolean isShared,
      int maxQueued,
      Trace trace) {
    this.dice = dice;
    this.trace = trace;
    this.time = time;
    this.threads = threads;
    this.isShared = isShared;
    this.maxQueued = maxQueued;
    this.lastId = dice.below(1_000);
  }

  // ---- the truth ----

  @Nullable
  Entry at(Topic topic, long seq) {
    List<Entry> entries = topic(topic).entries;
    return seq < 1 || seq > entries.size() ? null : entries.get((int) seq - 1);
  }

  long first(Topic topic) {
    return topic(topic).first;
  }

  long last(Topic topic) {
    return topic(topic).last();
  }

  /** Everything that was ever stored. */
  List<Entry> all() {
    return topics.values().stream().flatMap(log -> log.entries.stream()).toList();
  }

  private TopicLog topic(Topic topic) {
    return topics.computeIfAbsent(topic, any -> new TopicLog());
  }

  // ---- the schedule ----

  /** So often a commit fails, or its answers are lost; 0: never. */
  void failsOneIn(int times) {
    failsOneIn = times;
  }

  /** So often nobody is told of a commit, where the log is shared; 0: never. */
  void losesOneIn(int times) {
    losesOneIn = times;
  }

  /** Any number of publishes may wait. */
  void widen() {
    maxQueued = Integer.MAX_VALUE;
  }

  boolean isShared() {
    return isShared;
  }

  boolean isIdle() {
    return queue.isEmpty() && answers.isEmpty() && notifications.isEmpty();
  }

  /** Topics that somebody watches. */
  int watched() {
    return told.size();
  }

  /** The committer's turn: some of what waits is stored, and can be read from now on; nobody is told yet. */
  void commit() {
    if (queue.isEmpty()) {
      return;
    }
    int count = dice.between(1, Math.min(queue.size(), 8));
    boolean failed = dice.oneIn(failsOneIn);
    boolean unknown = dice.oneIn(failsOneIn);
    Map<Topic, List<LoggedMessage>> stored = new LinkedHashMap<>();
    List<Runnable> ofThis = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Waiting next = queue.remove();
      PublishResult result = failed ? UNKNOWN : store(next.publication, stored);
      ofThis.add(() -> next.answer.complete(unknown ? UNKNOWN : result));
    }
    List<TopicBatch> batches = new ArrayList<>();
    trace.add(() -> "  commits " + count + (failed ? ", fails" : "") + (unknown ? ", unknown" : "")
        + ends(stored.keySet()));
    stored.forEach((topic, messages) -> batches.add(new TopicBatch(topic, epoch(), messages)));
    if (isShared) {
      answers.addAll(ofThis);
      batches.removeIf(batch -> !told.containsKey(batch.topic()));
      notifications.add(batches);
    } else {
      answers.add(() -> listener().together(() -> {
        ofThis.forEach(Runnable::run);
        listener().committed(batches);
      }));
    }
  }

  private String ends(Iterable<Topic> which) {
    StringBuilder ends = new StringBuilder();
    which.forEach(topic -> ends.append(' ').append(topic).append(' ').append(last(topic)));
    return ends.toString();
  }

  private PublishResult store(Publication publication, Map<Topic, List<LoggedMessage>> stored) {
    String key = publication.clientMessageId();
    List<Object> identity =
        List.of(publication.fromUserId(), publication.topic(), key == null ? "" : key);
    Entry earlier = key == null ? null : byKey.get(identity);
    if (earlier != null) {
      return earlier.publication.text().equals(publication.text())
          ? new PublishResult.Accepted(earlier.id(), earlier.seq(), true)
          : PublishResult.ID_REUSED;
    }
    TopicLog log = topic(publication.topic());
    long seq = log.last() + 1;
    long id = ++lastId;
    LoggedMessage message =
        new LoggedMessage(seq, id, encoded(publication, id, seq).toByteArray());
    Entry entry = new Entry(message, publication);
    log.entries.add(entry);
    stored.computeIfAbsent(publication.topic(), any -> new ArrayList<>()).add(message);
    if (key != null) {
      byKey.put(identity, entry);
    }
    return new PublishResult.Accepted(id, seq, false);
  }

  private Message encoded(Publication publication, long id, long seq) {
    Topic topic = publication.topic();
    return Message.newBuilder()
        .setMessageId(id)
        .setTopic(Topics.onWire(topic))
        .setSeq(seq)
        .setFromUserId(publication.fromUserId())
        .setFromUserName(publication.fromUsername())
        .setToUserName(publication.toUsername())
        .setText(publication.text())
        .setCreatedAtMs(time.millis())
        .setToUserId(topic.isInbox() ? topic.id() : 0)
        .build();
  }

  /** The oldest answer, or answers, that wait are given. */
  void answer() {
    Runnable next = answers.poll();
    if (next != null) {
      next.run();
    }
  }

  /** The oldest notification arrives, or is lost. */
  void notifyNext() {
    List<TopicBatch> next = notifications.poll();
    if (next == null) {
      return;
    }
    if (dice.oneIn(losesOneIn)) {
      trace.add(() -> "  loses " + next);
      return;
    }
    List<TopicBatch> watched =
        next.stream().filter(batch -> told.containsKey(batch.topic())).toList();
    watched.forEach(batch -> told.merge(batch.topic(), batch.lastSeq(), Math::max));
    trace.add(() -> "  notifies of " + watched);
    listener().committed(watched);
  }

  /** The periodic look whether somebody was not told. */
  void compare() {
    if (isShared) {
      for (Topic topic : List.copyOf(told.keySet())) {
        if (told.getOrDefault(topic, 0L) < last(topic)) {
          told.put(topic, last(topic));
          trace.add(() -> "  compares" + ends(List.of(topic)));
          listener().advanced(topic, last(topic));
        }
      }
    }
  }

  /** Retention takes what is old. */
  void trim() {
    if (!topics.isEmpty()) {
      TopicLog log = dice.of(List.copyOf(topics.values()));
      int keep = dice.below(12);
      log.first = Math.max(log.first, log.last() + 1 - keep);
    }
  }

  /** A new epoch in which nothing was lost. */
  void startEpoch() {
    Map<Topic, Long> ends = new HashMap<>();
    topics.forEach((topic, log) -> ends.put(topic, log.last()));
    endsOfEpochs.add(ends);
    notifications.clear();
    listener().epochChanged(epoch());
  }

  private CommitListener listener() {
    return Objects.requireNonNull(listener);
  }

  // ---- MessageLog ----

  @Override
  public CompletableFuture<PublishResult> publish(Publication publication) {
    if (queue.size() >= maxQueued) {
      return CompletableFuture.completedFuture(FULL);
    }
    Waiting waiting = new Waiting(publication, new CompletableFuture<>());
    queue.add(waiting);
    return waiting.answer;
  }

  @Override
  public CompletableFuture<TopicState> state(Topic topic, long probeSeq) {
    return threads.ask("state of " + topic, () -> {
      TopicLog log = topic(topic);
      Entry probed = probeSeq < log.first ? null : at(topic, probeSeq);
      return new TopicState(epoch(), log.first, log.last(), probed == null ? 0 : probed.id());
    });
  }

  @Override
  public CompletableFuture<LogSlice> read(
      Topic topic, long fromSeq, int maxMessages, int maxBytes) {
    int most = dice.oneIn(3) ? 1 + dice.below(5) : maxMessages;
    return threads.ask("read of " + topic + " from " + fromSeq, () -> {
      TopicLog log = topic(topic);
      List<LoggedMessage> found = new ArrayList<>();
      long bytes = 0;
      for (long seq = Math.max(fromSeq, log.first); seq <= log.last(); seq++) {
        LoggedMessage message = log.entries.get((int) seq - 1).message;
        bytes += message.bytes().length;
        if (found.size() >= Math.min(most, maxMessages) || (!found.isEmpty() && bytes > maxBytes)) {
          break;
        }
        found.add(message);
      }
      return new LogSlice(epoch(), log.first, log.last(), found);
    });
  }

  @Override
  public long epoch() {
    return endsOfEpochs.size() + 1L;
  }

  @Override
  public CompletableFuture<Long> keptUntil(Topic topic, long epoch) {
    return threads.ask(
        "kept of " + topic,
        () -> epoch < 1 || epoch > endsOfEpochs.size()
            ? 0L
            : endsOfEpochs.get((int) epoch - 1).getOrDefault(topic, 0L));
  }

  @Override
  public void listener(CommitListener listener) {
    this.listener = listener;
  }

  @Override
  public CompletableFuture<Void> watch(Topic topic) {
    if (!isShared) {
      told.put(topic, 0L);
      return CompletableFuture.completedFuture(null);
    }
    watchers.merge(topic, 1, Integer::sum);
    int watcher = watchers.getOrDefault(topic, 0);
    return threads
        .ask("watch of " + topic, () -> {
          if (watchers.getOrDefault(topic, 0) == watcher) {
            told.putIfAbsent(topic, last(topic));
          }
          return true;
        })
        .thenAccept(done -> {});
  }

  /** Which call of {@link #watch} counts for a topic: one that was taken back must not be carried out later. */
  private final Map<Topic, Integer> watchers = new HashMap<>();

  @Override
  public void unwatch(Topic topic) {
    watchers.merge(topic, 1, Integer::sum);
    told.remove(topic);
    trace.add(() -> "  unwatched " + topic);
  }
}
