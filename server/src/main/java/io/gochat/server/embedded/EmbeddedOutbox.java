package io.gochat.server.embedded;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** The outbox in RocksDB: records are staged by {@link Commit}, in the batch of their messages. Thread-safe. */
final class EmbeddedOutbox implements Outbox {
  private static final CompletableFuture<Long> ALONE = CompletableFuture.completedFuture(1L);

  private final Committer committer;
  private final ReadThreads reads;

  EmbeddedOutbox(Committer committer, ReadThreads reads) {
    this.committer = committer;
    this.reads = reads;
  }

  @Override
  public void record(TopicFilter wanted) {
    committer.recording().wanted(wanted);
  }

  @Override
  public void listener(Listener listener) {
    committer.recording().listener(listener);
  }

  @Override
  public CompletableFuture<Long> lead() {
    return ALONE;
  }

  @Override
  public CompletableFuture<Void> resign() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Long> begin(String name) {
    RowWrite<Long> write = new RowWrite<>(commit -> {
      StagedRows rows = commit.rows();
      byte[] key = OutboxKeys.begin(name);
      byte[] known = rows.get(Family.WEBHOOKS, key);
      if (known != null) {
        return Keys.toLong(known);
      }
      long end = commit.endOfOutbox();
      rows.put(Family.WEBHOOKS, key, Keys.ofLong(end));
      return end;
    });
    committer.submit(write);
    return write.result();
  }

  @Override
  public CompletableFuture<List<Backlog>> backlogs(@Nullable Backlog after, int max) {
    return reads.walk(database -> {
      List<Backlog> found = new ArrayList<>();
      try (Database.Scan scan = database.scan(
          Family.WEBHOOKS,
          after == null ? OutboxKeys.firstRecord() : OutboxKeys.behind(after.topic()),
          OutboxKeys.behindRecords())) {
        boolean more = scan.first();
        while (more && found.size() < max) {
          Topic topic = OutboxKeys.topic(scan.key());
          long first = OutboxKeys.position(scan.key());
          long last = 0;
          long bytes = 0;
          while (more && OutboxKeys.topic(scan.key()).equals(topic)) {
            last = OutboxKeys.position(scan.key());
            bytes += OutboxRecord.bytes(scan.value().length - OutboxKeys.HEADER_BYTES);
            more = scan.next();
          }
          found.add(new Backlog(topic, first, last, bytes));
        }
      }
      return found;
    });
  }

  @Override
  public CompletableFuture<List<OutboxRecord>> read(
      Topic topic, long after, int maxRecords, int maxBytes) {
    return reads.walk(database -> readRecords(database, topic, after, maxRecords, maxBytes));
  }

  private static List<OutboxRecord> readRecords(
      Database database, Topic topic, long after, int maxRecords, int maxBytes)
      throws RocksDBException, IOException {
    List<OutboxRecord> records = new ArrayList<>();
    long bytes = 0;
    try (Database.Scan scan = database.scan(
        Family.WEBHOOKS, OutboxKeys.record(topic, after + 1), OutboxKeys.behind(topic))) {
      for (boolean more = scan.first(); more && records.size() < maxRecords; more = scan.next()) {
        OutboxRecord record = OutboxKeys.decode(scan.key(), scan.value());
        bytes += record.bytes();
        if (bytes > maxBytes && !records.isEmpty()) {
          break;
        }
        records.add(record);
      }
    }
    return records;
  }

  @Override
  public CompletableFuture<List<Row>> rows(Table table, String prefix, String after, int max) {
    return reads.walk(database -> {
      List<Row> rows = new ArrayList<>();
      String from = after.compareTo(prefix) > 0 ? after : prefix;
      try (Database.Scan scan =
          database.scan(Family.WEBHOOKS, OutboxKeys.row(table, from), OutboxKeys.behind(table))) {
        for (boolean more = scan.first(); more && rows.size() < max; more = scan.next()) {
          String key = OutboxKeys.rowKey(scan.key());
          if (!key.startsWith(prefix)) {
            break;
          }
          if (!key.equals(after)) {
            rows.add(new Row(key, scan.value()));
          }
        }
      }
      return rows;
    });
  }

  @Override
  public CompletableFuture<Void> write(Changes changes) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      stage(commit.rows(), changes);
      return true;
    });
    committer.submit(write);
    return write.result().thenAccept(done -> {});
  }

  private static void stage(StagedRows rows, Changes changes) throws RocksDBException {
    for (OutboxRecord record : changes.deleted()) {
      rows.deleteUnseen(Family.WEBHOOKS, OutboxKeys.record(record.topic(), record.position()));
    }
    for (Map.Entry<Topic, Long> trim : changes.trimmed().entrySet()) {
      Topic topic = trim.getKey();
      rows.deleteRange(
          Family.WEBHOOKS,
          OutboxKeys.record(topic, 0),
          OutboxKeys.record(topic, trim.getValue() + 1));
    }
    for (Table table : Table.values()) {
      for (Map.Entry<String, byte[]> row : changes.rows(table).entrySet()) {
        byte[] key = OutboxKeys.row(table, row.getKey());
        if (row.getValue().length == 0) {
          rows.delete(Family.WEBHOOKS, key);
        } else {
          rows.put(Family.WEBHOOKS, key, row.getValue());
        }
      }
    }
    for (String name : changes.forgotten()) {
      rows.delete(Family.WEBHOOKS, OutboxKeys.begin(name));
    }
  }

  @Override
  public CompletableFuture<Boolean> deleteDead(String key) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      StagedRows rows = commit.rows();
      byte[] row = OutboxKeys.row(Table.DEAD, key);
      boolean wasThere = rows.get(Family.WEBHOOKS, row) != null;
      if (wasThere) {
        rows.delete(Family.WEBHOOKS, row);
      }
      return wasThere;
    });
    committer.submit(write);
    return write.result();
  }
}
