package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One open RocksDB with our families, and every native object that it needs. Thread-safe, except that nobody may be
 * inside while {@link #close} runs: native memory is gone after it (see {@link OpenStore}).
 */
final class Database implements AutoCloseable {
  private static final int MOST_STEPS_IN_MEMORY = 16;
  private static final int MOST_SKIPPED_IN_MEMORY = 64;

  private final List<RocksObject> owned;
  private final Map<Family, ColumnFamilyHandle> handles = new EnumMap<>(Family.class);
  private final RocksDB rocks;
  private final WriteOptions synced;
  private final WriteOptions written;
  private final ReadOptions reads;
  private final @Nullable Database inMemory;

  private Database(
      RocksDB rocks,
      List<Family> families,
      List<ColumnFamilyHandle> inOrder,
      List<RocksObject> owned) {
    this.rocks = rocks;
    for (int i = 0; i < families.size(); i++) {
      handles.put(families.get(i), inOrder.get(i));
    }
    this.owned = owned;
    this.synced = own(owned, new WriteOptions().setSync(true));
    this.written = own(owned, new WriteOptions());
    this.reads = own(owned, new ReadOptions());
    this.inMemory = new Database(this);
  }

  /** The same, as far as it is in memory. */
  private Database(Database whole) {
    this.rocks = whole.rocks;
    this.handles.putAll(whole.handles);
    this.owned = List.of();
    this.synced = whole.synced;
    this.written = whole.written;
    this.reads = own(whole.owned, new ReadOptions().setReadTier(ReadTier.BLOCK_CACHE_TIER));
    this.inMemory = null;
  }

  /**
   * For reads that must not wait: what is in no memtable or cached block, or takes many steps, fails in a way that {@link
   * #isNotInMemory} knows. Not to be closed, and not to be written to.
   */
  Database inMemory() {
    return Objects.requireNonNull(inMemory);
  }

  /** Whether this is only about where something is: a read of the disk may find it. */
  static boolean isNotInMemory(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete;
  }

  /**
   * Opens, replaying the write-ahead log. A record that was cut off at the log's end is dropped; any other damage is
   * refused. What was replayed is flushed to synced files before this returns, so that even a record whose fsync had
   * failed is durable once it is visible.
   *
   * @param create false: never make an empty database where one should be
   */
  static Database open(Path directory, boolean create, StoreBounds bounds) throws RocksDBException {
    return open(directory, create, bounds, WALRecoveryMode.TolerateCorruptedTailRecords);
  }

  /** Makes an empty one, for a tool. */
  static Database create(Path directory) throws RocksDBException, IOException {
    Files.createDirectories(directory);
    return open(directory, true, StoreBounds.DEFAULT);
  }

  static Database open(Path directory, boolean create, StoreBounds bounds, WALRecoveryMode recovery)
      throws RocksDBException {
    return open(directory, List.of(Family.values()), create, bounds, recovery);
  }

  /** Opens one that may be of an earlier format, with no other families than it has, and leaves it at that. */
  static Database openAsItIs(Path directory) throws RocksDBException {
    return open(
        directory,
        familiesOf(directory),
        false,
        StoreBounds.DEFAULT,
        WALRecoveryMode.TolerateCorruptedTailRecords);
  }

  private static Database open(
      Path directory,
      List<Family> families,
      boolean create,
      StoreBounds bounds,
      WALRecoveryMode recovery)
      throws RocksDBException {
    RocksDB.loadLibrary();
    if (recovery == WALRecoveryMode.TolerateCorruptedTailRecords) {
      LogTail.cutTorn(directory);
    }
    List<RocksObject> owned = new ArrayList<>();
    try {
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB rocks = RocksDB.open(
          options(own(owned, new DBOptions()), create, bounds, recovery),
          directory.toString(),
          descriptors(families, owned, bounds),
          handles);
      return new Database(rocks, families, handles, owned);
    } catch (RocksDBException | RuntimeException e) {
      closeAll(owned);
      throw e;
    }
  }

  private static DBOptions options(
      DBOptions options, boolean create, StoreBounds bounds, WALRecoveryMode recovery) {
    options.setDbWriteBufferSize(walBytes(bounds)); // all memtables together
    return options
        .setCreateIfMissing(create)
        .setCreateMissingColumnFamilies(true) // those that came with a later format
        .setWalRecoveryMode(recovery)
        .setMaxTotalWalSize(walBytes(bounds))
        .setMaxBackgroundJobs(2)
        .setAllowConcurrentMemtableWrite(false) // one thread writes: the plain memtable is cheaper
        .setBytesPerSync(1 << 20)
        .setKeepLogFileNum(3)
        .setMaxLogFileSize(4 << 20)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  /** The number of the last write that a damaged database still has; 0 when it does not even open for reading. */
  static long peekLatestWrite(Path directory) {
    List<RocksObject> owned = new ArrayList<>();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try {
      DBOptions options = own(owned, new DBOptions());
      options.setWalRecoveryMode(WALRecoveryMode.SkipAnyCorruptedRecords);
      try (RocksDB rocks = RocksDB.openReadOnly(
          options,
          directory.toString(),
          descriptors(familiesOf(directory), owned, StoreBounds.DEFAULT),
          handles)) {
        long latest = rocks.getLatestSequenceNumber();
        handles.forEach(ColumnFamilyHandle::close);
        return latest;
      }
    } catch (RocksDBException e) {
      return 0;
    } finally {
      closeAll(owned);
    }
  }

  /** The write-ahead log counts towards the bound on the disk: a small store has a small one. */
  private static long walBytes(StoreBounds bounds) {
    long most = bounds.writeBufferBytes();
    long part = bounds.maxDiskBytes() == 0 ? most : bounds.maxDiskBytes() / 8;
    return Math.max(2L << 20, Math.min(most, part));
  }

  private static List<Family> familiesOf(Path directory) throws RocksDBException {
    try (Options options = new Options()) {
      List<byte[]> names = RocksDB.listColumnFamilies(options, directory.toString());
      if (names.isEmpty()) {
        throw new RocksDBException("there is no manifest in " + directory);
      }
      return Stream.of(Family.values())
          .filter(
              family -> names.stream().anyMatch(name -> Arrays.equals(name, family.nameBytes())))
          .toList();
    }
  }

  private static List<ColumnFamilyDescriptor> descriptors(
      List<Family> families, List<RocksObject> owned, StoreBounds bounds) {
    BlockBasedTableConfig table = new BlockBasedTableConfig()
        .setBlockCache(own(owned, new LRUCache(bounds.cacheBytes())))
        .setFilterPolicy(own(owned, new BloomFilter(10)))
        .setCacheIndexAndFilterBlocks(true)
        .setPinL0FilterAndIndexBlocksInCache(true);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (Family family : families) {
      ColumnFamilyOptions options = own(owned, new ColumnFamilyOptions());
      options.setTableFormatConfig(table);
      family.configure(options, Math.max(1 << 20, walBytes(bounds) / 2));
      descriptors.add(new ColumnFamilyDescriptor(family.nameBytes(), options));
    }
    return descriptors;
  }

  private static <T extends RocksObject> T own(List<RocksObject> owned, T object) {
    owned.add(object);
    return object;
  }

  byte @Nullable [] get(Family family, byte[] key) throws RocksDBException {
    return rocks.get(handle(family), reads, key);
  }

  /** Reads into a direct buffer; −1 when there is no such key. */
  int get(Family family, ByteBuffer key, ByteBuffer value) throws RocksDBException {
    return rocks.get(handle(family), reads, key, value);
  }

  /** The families' handle, for batches. */
  ColumnFamilyHandle handle(Family family) {
    return Objects.requireNonNull(handles.get(family));
  }

  void write(WriteBatch batch, boolean sync) throws RocksDBException {
    rocks.write(sync ? synced : written, batch);
  }

  /** The number of the last write; grows with each record written, across restarts. */
  long latestWrite() {
    return rocks.getLatestSequenceNumber();
  }

  /** Walks keys in {@code [from, below)}; close it. */
  Scan scan(Family family, byte[] from, byte[] below) {
    return new Scan(this, family, from, below);
  }

  void flush() throws RocksDBException {
    try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
      rocks.flush(options, List.copyOf(handles.values()));
    }
  }

  void compact(Family family) throws RocksDBException {
    rocks.compactRange(handle(family));
  }

  RocksDB rocks() {
    return rocks;
  }

  @Override
  public void close() {
    for (ColumnFamilyHandle handle : handles.values()) {
      handle.close();
    }
    rocks.close();
    closeAll(owned);
  }

  private static void closeAll(List<RocksObject> objects) {
    for (int i = objects.size() - 1; i >= 0; i--) {
      objects.get(i).close();
    }
  }

  /** A bounded walk over one family. Confined to one thread. */
  static final class Scan implements AutoCloseable {
    private final Slice lower;
    private final Slice upper;
    private final ReadOptions options;
    private final RocksIterator iterator;
    private int stepsLeft = Integer.MAX_VALUE;

    private Scan(Database database, Family family, byte[] from, byte[] below) {
      lower = new Slice(from);
      upper = new Slice(below);
      options = new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
      if (database.inMemory == null) {
        options
            .setReadTier(ReadTier.BLOCK_CACHE_TIER)
            .setMaxSkippableInternalKeys(MOST_SKIPPED_IN_MEMORY);
        stepsLeft = MOST_STEPS_IN_MEMORY;
      }
      iterator = database.rocks.newIterator(database.handle(family), options);
    }

    /** To the first key; false when there is none. Throws rather than skip what cannot be read. */
    boolean first() throws RocksDBException {
      iterator.seekToFirst();
      return valid();
    }

    boolean last() throws RocksDBException {
      iterator.seekToLast();
      return valid();
    }

    boolean seek(byte[] key) throws RocksDBException {
      iterator.seek(key);
      return valid();
    }

    boolean next() throws RocksDBException {
      iterator.next();
      return valid();
    }

    private boolean valid() throws RocksDBException {
      if (stepsLeft-- == 0) {
        throw new RocksDBException(
            "many rows", new Status(Status.Code.Incomplete, Status.SubCode.None, ""));
      }
      if (iterator.isValid()) {
        return true;
      }
      iterator.status();
      return false;
    }

    byte[] key() {
      return iterator.key();
    }

    byte[] value() {
      return iterator.value();
    }

    @Override
    public void close() {
      iterator.close();
      options.close();
      lower.close();
      upper.close();
    }
  }
}
