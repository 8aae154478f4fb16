package io.gochat.server.config;

import io.gochat.server.tls.TlsProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * How the memory that there is was divided, in bytes. Immutable.
 *
 * <p>Everything that may wait has a bound, and all bounds together fit: half of the heap (the rest is for what is made
 * and forgotten), three quarters of the buffers outside it (the rest is what an allocator cannot use), and with the store
 * the memory of the process. What nobody set shrinks until it fits; what was set and cannot fit refuses the start. See
 * ADR 18.
 *
 * @param outBytes answers that no socket has taken yet
 * @param replayBytes pages of the log that are lent to connections, and reads of it under way
 * @param inBytes requests and frames that are not answered yet
 * @param fanOutBytesPerLoop messages held for sending
 * @param handOverBytesPerLoop messages on their way to an event loop
 * @param writeQueueBytes publishes that wait for their commit
 * @param storeBytes the embedded store's cache and write buffers
 * @param largestAnswerBytes as much one answer may need
 * @param largestRequestBytes as much one request may need
 * @param connections as many as were asked for, or have room beside everything else
 * @param cached accounts, and sessions, that are remembered
 */
public record MemoryPlan(
    long outBytes,
    long replayBytes,
    long inBytes,
    long fanOutBytesPerLoop,
    long handOverBytesPerLoop,
    long writeQueueBytes,
    long storeBytes,
    long largestAnswerBytes,
    long largestRequestBytes,
    int connections,
    int cached) {
  private static final long KB = 1 << 10;
  private static final long MB = 1 << 20;

  /** A page of history is 256 KB of messages, or one message if that is longer. JSON makes six bytes of one. */
  private static final long PAGE_BYTES = 256 * KB;

  private static final long LIVE_HEAP = 8 * MB;
  private static final long ENTRY_BYTES = 512;
  private static final int MOST_CACHED = 200_000;

  /** Code, classes, threads, the collector's tables. */
  private static final long OUTSIDE_HEAP = 64 * MB;

  /** The allocator's chunks that are in use for a few bytes. */
  private static final long PARTLY_USED = 8 * MB;

  /** What there is for the rest: so many connections, and what each takes of each kind of memory. */
  private record Connections(int count, long heapEach, long directEach, long outsideEach) {
    static Connections of(ServerConfig config, Memory memory) {
      Connections each = config
          .tls()
          .options()
          .map(tls -> isOfJdk(tls.provider())
              ? new Connections(0, 32 * KB, 8 * KB, 0)
              : new Connections(0, 8 * KB, 8 * KB, 8 * KB)) // as measured, with a third for growth
          .orElse(new Connections(0, 3 * KB, 4 * KB, 0));
      long room = Math.min(
          memory.heapBytes() / 8 / each.heapEach, memory.directBytes() / 8 / each.directEach);
      int asked = config.network().maxConnections();
      int count = (int) Math.min(asked == 0 ? Integer.MAX_VALUE : asked, room);
      return new Connections(count, each.heapEach, each.directEach, each.outsideEach);
    }

    private static boolean isOfJdk(TlsProvider provider) {
      return provider == TlsProvider.JDK
          || (provider == TlsProvider.AUTO && TlsProvider.OPENSSL.unavailableBecause() != null);
    }
  }

  /** Which memory something takes. */
  private enum Kind {
    HEAP("heap"),
    DIRECT("direct memory"),
    PROCESS("memory");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /** One bound: what it is by itself, and how much of each kind of memory one byte of it takes. */
  private record Part(
      String flag,
      OptionalLong set,
      long wish,
      long least,
      int times,
      int heap,
      int direct,
      int store) {
    long size(double share) {
      return set.orElseGet(() -> Math.max(least, (long) (wish * share)));
    }

    long need(Kind kind, double share) {
      long each = switch (kind) {
        case HEAP -> heap;
        case DIRECT -> direct;
        case PROCESS -> direct + store; // the heap counts as a whole
      };
      return size(share) * times * each;
    }

    boolean isSet(Kind kind) {
      return set.isPresent() && need(kind, 0) > 0;
    }
  }

  /**
   * Divides {@code memory}.
   *
   * @throws ConfigException when what was set by hand does not fit, in a sentence for the operator
   */
  public static MemoryPlan of(ServerConfig config, Memory memory) {
    Connections connections = Connections.of(config, memory);
    List<Part> parts = parts(config);
    double heap = share(parts, Kind.HEAP, memory, connections);
    double direct = share(parts, Kind.DIRECT, memory, connections);
    double process = share(parts, Kind.PROCESS, memory, connections);
    long[] sizes = new long[parts.size()];
    for (int i = 0; i < sizes.length; i++) {
      Part part = parts.get(i);
      double share = part.heap > 0 ? heap : 1;
      share = part.direct > 0 ? Math.min(share, Math.min(direct, process)) : share;
      sizes[i] = part.size(part.store > 0 ? process : share);
    }
    return new MemoryPlan(
        sizes[0],
        sizes[1],
        sizes[2],
        sizes[3],
        sizes[4],
        sizes[5],
        sizes[6],
        largestAnswer(config),
        largestRequest(config),
        connections.count,
        (int) Math.min(MOST_CACHED, cacheBytes(memory) / 4 / ENTRY_BYTES));
  }

  private static List<Part> parts(ServerConfig config) {
    MemoryConfig set = config.memory();
    int eventLoops = config.network().eventLoops();
    int loops = eventLoops > 0 ? eventLoops : Runtime.getRuntime().availableProcessors();
    long answer = largestAnswer(config) * 5 / 4;
    long request = largestRequest(config) * 2;
    int embedded = config.store().redis().isPresent() ? 0 : 1;
    return List.of(
        new Part("--out-budget", set.outBudget(), 64 * MB, Math.max(2 * MB, answer), 1, 1, 1, 0),
        new Part("--replay-budget", set.replayBudget(), 32 * MB, MB, 1, 1, 1, 0),
        // Bytes, and the text that is read from them.
        new Part("--in-budget", set.inBudget(), 64 * MB, Math.max(MB, request), 1, 2, 1, 0),
        new Part("--fanout-memory", set.fanOutMemory(), 64 * MB, MB, loops, 0, 1, 0),
        new Part("--hand-over-memory", set.handOver(), 8 * MB, MB / 4, loops, 1, 0, 0),
        new Part("--write-queue", set.writeQueue(), 64 * MB, MB, 1, 2, 0, 0),
        new Part("--store-memory", set.storeMemory(), 192 * MB, 16 * MB, embedded, 0, 0, 1));
  }

  private static long largestAnswer(ServerConfig config) {
    return 6 * Math.max(PAGE_BYTES, config.channels().maxTextBytes() + KB) + 64 * KB;
  }

  private static long largestRequest(ServerConfig config) {
    long body = 6L * config.channels().maxTextBytes() + 4 * KB;
    return Math.max(128 * KB, Math.max(body, config.channels().maxFrameBytes()));
  }

  private static long cacheBytes(Memory memory) {
    return memory.heapBytes() / 16;
  }

  /** How much of what nobody set has room: 1, all of it. */
  private static double share(List<Part> parts, Kind kind, Memory memory, Connections connections) {
    long room = room(kind, memory, connections);
    if (need(parts, kind, 1) <= room) {
      return 1;
    }
    if (need(parts, kind, 0) > room) {
      throw doesNotFit(parts, kind, memory, room);
    }
    double fits = 0;
    double over = 1;
    for (int i = 0; i < 30; i++) {
      double middle = (fits + over) / 2;
      if (need(parts, kind, middle) <= room) {
        fits = middle;
      } else {
        over = middle;
      }
    }
    return fits;
  }

  private static long need(List<Part> parts, Kind kind, double share) {
    return parts.stream().mapToLong(part -> part.need(kind, share)).sum();
  }

  /** What the parts may take, when the rest has got what it needs. */
  private static long room(Kind kind, Memory memory, Connections connections) {
    long heap = memory.heapBytes();
    return switch (kind) {
      case HEAP ->
        heap / 2 - LIVE_HEAP - connections.count * connections.heapEach - cacheBytes(memory);
      case DIRECT ->
        memory.directBytes() / 4 * 3 - PARTLY_USED - connections.count * connections.directEach;
      case PROCESS ->
        memory.processBytes().orElse(Long.MAX_VALUE)
            - heap
            - heap / 16
            - OUTSIDE_HEAP
            - PARTLY_USED
            - connections.count * connections.outsideEach;
    };
  }

  private static ConfigException doesNotFit(List<Part> parts, Kind kind, Memory memory, long room) {
    String set = parts.stream()
        .filter(part -> part.isSet(kind))
        .map(part -> part.flag + "=" + text(part.size(0)))
        .collect(Collectors.joining(", "));
    String there = switch (kind) {
      case HEAP -> "the heap of " + text(memory.heapBytes());
      case DIRECT -> "the direct memory of " + text(memory.directBytes());
      case PROCESS ->
        "the " + text(memory.processBytes().orElse(0)) + " of this process beside its heap of "
            + text(memory.heapBytes());
    };
    long need = need(parts, kind, 0);
    if (set.isEmpty()) {
      String way = kind == Kind.PROCESS ? moreMemory(memory, need - room) : "Raise -Xmx.";
      return new ConfigException(
          "There is too little " + kind.words + ": what waits needs at least " + text(need)
              + ", and " + there + " has room for " + text(Math.max(0, room)) + ". " + way);
    }
    boolean isOne = !set.contains(", ");
    return new ConfigException(set + (isOne ? " does" : " do") + " not fit: with the rest that is "
        + text(need) + " of what waits, and " + there + " has room for " + text(Math.max(0, room))
        + ". Lower " + (isOne ? "it" : "them") + ", or "
        + (kind == Kind.PROCESS ? "lower" : "raise") + " -Xmx.");
  }

  private static String moreMemory(Memory memory, long missing) {
    long there = memory.processBytes().orElse(0);
    // Of a small container the JVM takes a fixed part as heap, which grows with what is added.
    double forHeap = memory.heapBytes() * 17.0 / 16 / there;
    long atLeast = there + (long) (forHeap < 0.6 ? missing / (1 - forHeap) : missing);
    return "Give it (its container) at least " + text((atLeast + MB - 1) / MB * MB)
        + (atLeast < 256 * MB ? ", better 256MB" : "")
        + (memory.heapBytes() > 96 * MB ? "; or lower -Xmx." : ".");
  }

  /** The bounds in bytes, by name. */
  public Map<String, Long> bounds() {
    Map<String, Long> bounds = new LinkedHashMap<>();
    bounds.put("out", outBytes);
    bounds.put("replay", replayBytes);
    bounds.put("in", inBytes);
    bounds.put("fanout_per_loop", fanOutBytesPerLoop);
    bounds.put("hand_over_per_loop", handOverBytesPerLoop);
    bounds.put("write_queue", writeQueueBytes);
    bounds.put("store", storeBytes);
    return bounds;
  }

  /** What to tell the operator of {@code --max-connections}; empty: there is room for them. */
  public Optional<String> warning(int maxConnections) {
    boolean isDefault =
        maxConnections == 0 || maxConnections == NetworkConfig.DEFAULT_MAX_CONNECTIONS;
    return isDefault || maxConnections <= connections
        ? Optional.empty()
        : Optional.of(
            "--max-connections=" + maxConnections + " is more than the memory has room for: "
                + connections + "; raise -Xmx, which direct memory follows");
  }

  /** In one line, for the log. */
  public String describe() {
    return bounds().entrySet().stream()
            .map(bound -> bound.getKey() + " " + text(bound.getValue()))
            .collect(Collectors.joining(", "))
        + ", connections " + connections;
  }

  private static String text(long bytes) {
    if (bytes >= 10 * MB || bytes % MB == 0) {
      return bytes / MB + "MB";
    }
    return bytes >= MB
        ? String.format(Locale.ROOT, "%.1fMB", bytes / (double) MB)
        : bytes / KB + "KB";
  }
}
