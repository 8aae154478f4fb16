package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;

/**
 * Copies every row that can be read out of a damaged database into a new one. It trusts neither the manifest nor any
 * single file: the write-ahead logs are replayed, without the records that fail their checksum, and then tables are read
 * one by one, newest first, around the blocks that fail theirs; what is there already is newer and stays. Rows that the
 * old database had deleted may come back; {@link Rebuild} knows which of them matter. Confined to one thread.
 */
final class Salvage {
  private static final int BATCH_BYTES = 1 << 20;

  private final Path damaged;
  private final Path target;
  private final CommitMark mark;
  private final Consumer<String> report;

  Salvage(Path damaged, Path target, CommitMark mark, Consumer<String> report) {
    this.damaged = damaged;
    this.mark = mark;
    this.target = target;
    this.report = report;
  }

  void run() throws RocksDBException, IOException {
    Database.create(target).close();
    copyLogs();
    try (Database database = Database.open(
        target, false, StoreBounds.DEFAULT, WALRecoveryMode.SkipAnyCorruptedRecords)) {
      reportLostEnd(Math.max(database.latestWrite(), Database.peekLatestWrite(damaged)));
      List<Path> tables = files(".sst");
      for (int i = tables.size() - 1; i >= 0; i--) {
        copyTable(tables.get(i), database);
      }
      database.flush();
    }
  }

  private void reportLostEnd(long latestWrite) {
    long accepted = mark.get();
    if (latestWrite > 0 && latestWrite < accepted) {
      report.accept("LOST: up to " + (accepted - latestWrite)
          + " of the last accepted records, which are in no file");
    }
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(damaged)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private void copyTable(Path table, Database database) {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options);
        ReadOptions reads = new ReadOptions().setVerifyChecksums(true).setFillCache(false)) {
      reader.open(table.toString());
      Family family = family(reader.getTableProperties().getColumnFamilyName());
      if (family == null) {
        report.accept("LOST: " + table + " belongs to no known family");
        return;
      }
      try (SstFileReaderIterator rows = reader.newIterator(reads)) {
        copyRows(table, family, rows, database);
      }
    } catch (RocksDBException e) {
      report.accept("LOST: " + table + " cannot be read: " + e.getMessage());
    }
  }

  private static @Nullable Family family(byte[] name) {
    for (Family family : Family.values()) {
      if (Arrays.equals(family.nameBytes(), name)) {
        return family;
      }
    }
    return null;
  }

  private void copyRows(Path table, Family family, SstFileReaderIterator rows, Database database)
      throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      byte[] last = new byte[0];
      int damages = 0;
      rows.seekToFirst();
      while (true) {
        if (rows.isValid()) {
          last = rows.key();
          copyRow(family, last, rows.value(), database, batch);
          if (batch.getDataSize() > BATCH_BYTES) {
            database.write(batch, false);
            batch.clear();
          }
          rows.next();
          continue;
        }
        if (!isDamaged(rows)) {
          break;
        }
        damages++;
        if (!skip(rows, last)) {
          break;
        }
      }
      database.write(batch, false);
      if (damages > 0) {
        report.accept("LOST: " + damages + " damaged blocks of " + table + " ("
            + new String(family.nameBytes(), StandardCharsets.US_ASCII) + ")");
      }
    }
  }

  private static void copyRow(
      Family family, byte[] key, byte[] value, Database database, WriteBatch batch)
      throws RocksDBException {
    byte[] newer = database.get(family, key);
    boolean higherBound =
        newer != null && family == Family.TOPICS && Keys.toLong(value) > Keys.toLong(newer);
    if (newer == null || higherBound) {
      batch.put(database.handle(family), key, value);
    }
  }

  private static boolean isDamaged(SstFileReaderIterator rows) {
    try {
      rows.status();
      return false;
    } catch (RocksDBException e) {
      return true;
    }
  }

  /** To the next readable row after {@code last}: tries ever larger steps over the keys that may be in the block. */
  private static boolean skip(SstFileReaderIterator rows, byte[] last) {
    for (int position = last.length - 1; position >= 0; position--) {
      byte[] candidate = Arrays.copyOf(last, position + 1);
      int digit = candidate[position] & 0xff;
      while (digit < 0xff) {
        candidate[position] = (byte) ++digit;
        rows.seek(candidate);
        if (rows.isValid()) {
          return true;
        }
        if (!isDamaged(rows)) {
          return false; // the end of the table
        }
      }
    }
    if (last.length == 0) {
      return skip(rows, new byte[] {0});
    }
    return false;
  }

  /** A new database replays every log that it finds with a high enough number; its families have the same ids. */
  private void copyLogs() throws IOException {
    int number = 900_000;
    for (Path log : files(".log")) {
      Files.copy(log, target.resolve(String.format("%06d.log", number++)));
    }
  }
}
