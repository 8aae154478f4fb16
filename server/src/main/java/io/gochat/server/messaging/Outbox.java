package io.gochat.server.messaging;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be told to others of what was published: a record that holds the message is written together with the
 * message, in one atomic step, and stays until somebody deletes it. Beside the records there are rows, with which whoever
 * tells keeps track. Thread-safe; no method blocks; failures as in {@link MessageLog}.
 *
 * <p>Records have positions, which grow with each commit and are never used again for as long as the store's own history
 * is the same. Over several nodes that share a store, one at a time leads, and only that one may {@link #write}.
 */
public interface Outbox {
  /** From the next commit on, messages of these topics are recorded, and of no others. */
  void record(TopicFilter wanted);

  /** Who hears of records; set once. */
  void listener(Listener listener);

  /**
   * Takes the lead, or keeps it; completes with the number of this term, which is another one whenever somebody else may
   * have led in between; 0: another node leads. Called every few seconds.
   */
  CompletableFuture<Long> lead();

  /** Gives the lead up, so that another node need not wait for it. */
  CompletableFuture<Void> resign();

  /**
   * Where {@code name} begins: at the end of the outbox, when it is asked for this name for the first time; at the same
   * position ever after, until {@link Changes#forget} it.
   */
  CompletableFuture<Long> begin(String name);

  /**
   * The topics that have records, behind {@code after}, which was the last of a page before; fewer than {@code max}: there
   * are no more. None that was there all the time is missing; one that is recorded meanwhile may come twice.
   */
  CompletableFuture<List<Backlog>> backlogs(@Nullable Backlog after, int max);

  /** The records of a topic after a position, at most so many, and beyond the first at most so many bytes. */
  CompletableFuture<List<OutboxRecord>> read(Topic topic, long after, int maxRecords, int maxBytes);

  /** The rows of a table whose keys begin with {@code prefix} and come after {@code after}, by key. */
  CompletableFuture<List<Row>> rows(Table table, String prefix, String after, int max);

  /** All of it or nothing, durably; fails when another node leads. */
  CompletableFuture<Void> write(Changes changes);

  /** Deletes a row of {@link Table#DEAD}, whoever leads; completes with whether it was there. */
  CompletableFuture<Boolean> deleteDead(String key);

  /** What rows are about. */
  enum Table {
    /** What became of an endpoint. */
    ENDPOINT,
    /** How far an endpoint has come in a topic, where the records alone do not say it. */
    LANE,
    /** What could not be delivered. */
    DEAD
  }

  /** A row; values are opaque here. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Row(String key, byte[] value) {}

  /**
   * What there is of a topic.
   *
   * @param firstPosition of its oldest record
   * @param lastPosition of its newest record
   * @param bytes of all its records
   */
  record Backlog(Topic topic, long firstPosition, long lastPosition, long bytes) {}

  /**
   * What one commit, or several, recorded of a topic.
   *
   * @param lastPosition of the newest record
   * @param bytes of the new records
   * @param records the new ones, in order; empty: they must be read
   */
  record Recorded(Topic topic, long lastPosition, long bytes, List<OutboxRecord> records) {}

  /** Hears of records. Called by one thread at a time; must return quickly and must not throw. */
  interface Listener {
    /** These were recorded, in the order of commits. */
    void recorded(List<Recorded> recorded);

    /** What was told may be wrong or incomplete: everything is to be read again. */
    void lookAgain();
  }

  /** Changes that are written in one step. Confined to one thread until they are written. */
  final class Changes {
    private static final byte[] NOTHING = new byte[0];

    private final List<OutboxRecord> deleted = new ArrayList<>();
    private final Map<Topic, Long> trimmed = new LinkedHashMap<>();
    private final Map<Table, Map<String, byte[]>> rows = new EnumMap<>(Table.class);
    private final Set<String> forgotten = new LinkedHashSet<>();

    /** The record goes. */
    public void delete(OutboxRecord record) {
      deleted.add(record);
    }

    /** All records of a topic up to here go. */
    public void trim(Topic topic, long upTo) {
      trimmed.merge(topic, upTo, Math::max);
    }

    /** The row has this value now, which is not empty. */
    public void put(Table table, String key, byte[] value) {
      rows.computeIfAbsent(table, any -> new LinkedHashMap<>()).put(key, value);
    }

    /** The row is gone. */
    public void delete(Table table, String key) {
      put(table, key, NOTHING);
    }

    /** A name begins anew when it is asked for again. */
    public void forget(String name) {
      forgotten.add(name);
    }

    /** Whether there is nothing to write. */
    public boolean isEmpty() {
      return deleted.isEmpty() && trimmed.isEmpty() && rows.isEmpty() && forgotten.isEmpty();
    }

    /** What {@link #delete(OutboxRecord)} was called with. */
    public List<OutboxRecord> deleted() {
      return deleted;
    }

    /** Up to where topics are trimmed. */
    public Map<Topic, Long> trimmed() {
      return trimmed;
    }

    /** The rows of a table that change; an empty value: the row goes. */
    public Map<String, byte[]> rows(Table table) {
      return rows.getOrDefault(table, Map.of());
    }

    /** The names that were forgotten. */
    public Set<String> forgotten() {
      return forgotten;
    }
  }
}
