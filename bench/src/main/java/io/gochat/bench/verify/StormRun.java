package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.api.HttpApi.User;
import io.gochat.bench.process.AtExit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The reconnect storm: thousands of SDK clients on shared loops lose their server to a SIGKILL at the same moment, come
 * back to it, and have missed nothing. Without a proxy: nothing stands between the herd and the server. Confined to
 * the calling thread.
 */
final class StormRun {
  private static final int MEMBERS_PER_ROOM = 50;
  private static final int DEVICES_PER_USER = 20;
  private static final long BACK_MS = 60_000;
  private static final long TICK_NANOS = 50_000_000L;

  private final VerifyOptions options;
  private final int clients;
  private final long seed;
  private final Random random;
  private final ProgressBar progress;
  private final RunRecorder recorder = new RunRecorder();
  private final List<Receiver> receivers = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final Map<Destination, User> readers = new LinkedHashMap<>();
  private long slowestReturnMs;
  private long reconnects;

  StormRun(VerifyOptions options, int clients, long seed, ProgressBar progress) {
    this.options = options;
    this.clients = clients;
    this.seed = seed;
    this.random = new Random(seed);
    this.progress = progress;
  }

  /** Runs to the end; fails with an exception only where nothing could be judged. */
  VerifyReport run() throws Exception {
    Path dir = options.keepDir == null
        ? Files.createTempDirectory("gochat-storm-")
        : Files.createDirectories(options.keepDir);
    Path data = dir.resolve("data");
    RunTls tls = RunTls.of(options, dir);
    ProcessBuilder command = ServerCommandLine.of(options, data, freePort(), tls.flags());
    ServerClock clock = new ServerClock(ServerClock.file(data));
    try (RestartingServer server =
        new RestartingServer(command, dir.resolve("server.log"), clock, address -> {})) {
      AtExit atExit = AtExit.run(() -> {
        server.end();
        if (options.keepDir == null) {
          Directories.remove(dir);
        }
      });
      server.start();
      gather(new Door(server.address(), tls));
      long begun = System.nanoTime();
      storms(server);
      Map<String, List<RunHistory.Entry>> logs = drain(new Door(server.address(), tls).http());
      closeReceivers();
      double seconds = (System.nanoTime() - begun) / 1e9;
      VerifyReport report = new VerifyReport(
          "reconnect storm", seed, seconds, facts(server), Judge.judge(history(logs, server)));
      atExit.forget();
      if (report.verdict().passed() && options.keepDir == null) {
        Directories.remove(dir);
      }
      return report;
    } finally {
      progress.clear();
    }
  }

  private void gather(Door door) throws Exception {
    HttpApi api = door.http();
    List<Destination> rooms = new ArrayList<>();
    for (int i = 0; i <= (clients - 1) / MEMBERS_PER_ROOM; i++) {
      rooms.add(Destination.room(1 + i));
    }
    List<CompletableFuture<Void>> joined = new ArrayList<>();
    User user = api.signIn("storm-0", "correct horse");
    rooms.forEach(room -> readers.put(room, user));
    User owner = user;
    for (int i = 0; i < clients; i++) {
      if (i > 0 && i % DEVICES_PER_USER == 0) {
        owner = api.signIn("storm-" + i / DEVICES_PER_USER, "correct horse");
      }
      Receiver receiver =
          new Receiver("storm-" + i, door, owner, List.of(rooms.get(i % rooms.size())), recorder);
      receivers.add(receiver);
      joined.add(receiver.start());
      progress.show(i, clients, "connecting " + clients + " clients");
    }
    CompletableFuture.allOf(joined.toArray(new CompletableFuture<?>[0])).get();
    for (int i = 0; i < options.publishers; i++) {
      User sender = api.signIn("storm-p" + i, "correct horse");
      Pace pace = new Pace(options.rate);
      publishers.add(
          i % 2 == 0
              ? new HttpPublisher("p" + i, api, sender, rooms, recorder, pace, seed + i)
              : new SdkPublisher("p" + i, door, sender, rooms, recorder, pace, seed + i));
    }
  }

  private void storms(RestartingServer server) throws Exception {
    publishers.forEach(Publisher::start);
    long begun = System.nanoTime();
    try {
      do {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(1_000)));
        server.killAndRestart(random.nextInt(500));
        long ready = System.nanoTime();
        long back = awaitBack();
        reconnects += back;
        slowestReturnMs = Math.max(slowestReturnMs, (System.nanoTime() - ready) / 1_000_000);
      } while (System.nanoTime() - begun < options.duration.toNanos());
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    } finally {
      publishers.forEach(Publisher::stop);
      for (Publisher publisher : publishers) {
        publisher.finish(BACK_MS);
      }
    }
  }

  /** Waits until all clients are connected again; those that are not by the deadline will have lost something. */
  private long awaitBack() {
    await(() -> receivers.stream().allMatch(Receiver::isConnected), "coming back");
    return connected();
  }

  private long connected() {
    return receivers.stream().filter(Receiver::isConnected).count();
  }

  private Map<String, List<RunHistory.Entry>> drain(HttpApi api) throws Exception {
    Map<String, List<RunHistory.Entry>> logs = new HashMap<>();
    Map<Destination, RunHistory.Entry> last = new HashMap<>();
    for (Map.Entry<Destination, User> topic : readers.entrySet()) {
      List<RunHistory.Entry> log = LogReader.read(api, topic.getKey(), topic.getValue());
      logs.put(topic.getKey().toString(), log);
      if (!log.isEmpty()) {
        last.put(topic.getKey(), log.get(log.size() - 1));
      }
    }
    await(() -> receivers.stream().allMatch(receiver -> receiver.hasAll(last)), "draining");
    return logs;
  }

  private void await(BooleanSupplier condition, String what) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean() && System.nanoTime() - begun < BACK_MS * 1_000_000) {
      progress.show(
          (double) connected(),
          clients,
          what + ": " + connected() + " of " + clients + " connected");
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private void closeReceivers() {
    // All at once: one after the other would wait for each goodbye.
    receivers.parallelStream().forEach(Receiver::close);
  }

  private RunHistory history(Map<String, List<RunHistory.Entry>> logs, RestartingServer server) {
    return new RunHistory(
        recorder.submissions(),
        logs,
        receivers.stream().flatMap(r -> r.subscriptions().stream()).toList(),
        options.durability.equals("async"),
        RunHistory.Loss.NONE,
        Map.of("kills", server.kills(), "reconnects", reconnects));
  }

  private Map<String, Long> facts(RestartingServer server) {
    Map<String, Long> facts = new LinkedHashMap<>();
    facts.put("clients", (long) clients);
    facts.put("kills", server.kills());
    facts.put("reconnects", reconnects);
    facts.put("slowest_return_ms", slowestReturnMs);
    facts.put("slowest_start_ms", server.slowestStartMs());
    facts.put("server_resident_mib", server.residentMiB());
    return facts;
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
