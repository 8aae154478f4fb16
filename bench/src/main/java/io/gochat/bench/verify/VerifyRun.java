package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.redis.OneRedis.Stretch;
import io.gochat.bench.redis.OwnRedis;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One run of the crash checker: publish and receive under faults, let everything drain, judge. Confined to the calling
 * thread; the publishers, receivers and fault lanes that it starts have threads of their own.
 */
final class VerifyRun {
  private static final long DRAIN_MS = 30_000;
  private static final long LATEST_DRAIN_MS = 10 * DRAIN_MS;
  // A run may take so many times its duration, and a little, until every fault has fired.
  private static final int LATEST = 3;
  private static final int SECONDS_PER_KILL = 3;
  private static final long TICK_NANOS = 100_000_000L;

  private final VerifyOptions options;
  private final long seed;
  private final ProgressBar progress;
  private final Set<FaultKind> faults;
  private final RunRecorder recorder = new RunRecorder();

  VerifyRun(VerifyOptions options, long seed, ProgressBar progress) {
    this.options = options;
    this.seed = seed;
    this.progress = progress;
    this.faults = options.effectiveFaults();
  }

  /** Runs to the end; fails with an exception only where nothing could be judged. */
  VerifyReport run() throws Exception {
    try (HookEndpoint hook = new HookEndpoint(seed);
        Site site = Site.open(options, isTold() ? hook : null);
        Cast cast = new Cast(options, seed, site.direct(), site.doors(), recorder)) {
      for (Receiver receiver : cast.receivers()) {
        receiver.start().get();
      }
      long begun = System.nanoTime();
      ConnectionFaults connectionFaults = new ConnectionFaults(site.proxies(), cast.receivers());
      if (isTold() && !faults.isEmpty()) {
        hook.disturb();
      }
      disturb(site, cast, connectionFaults, hook);
      hook.behave();
      Map<String, List<RunHistory.Entry>> logs = drain(site, cast);
      awaitHook(site, hook, logs);
      cast.leave();
      double seconds = (System.nanoTime() - begun) / 1e9;
      Map<String, Long> fired = fired(site, connectionFaults, hook);
      RunHistory.Loss loss = loss(site);
      RunHistory history = new RunHistory(
          recorder.submissions(),
          logs,
          cast.receivers().stream().flatMap(r -> r.subscriptions().stream()).toList(),
          options.durability.equals("async"),
          loss,
          fired);
      Map<String, Long> facts = facts(site, fired);
      Verdict verdict = Judge.judge(history);
      if (isTold()) {
        List<HookEndpoint.Taken> taken = hook.taken();
        facts.put("webhook_events", (long) taken.size());
        verdict = verdict.and(HookJudge.judge(taken, hook.badSignatures(), logs, loss));
      }
      keepOrForget(site, history, verdict);
      return new VerifyReport("verify", seed, seconds, facts, verdict);
    } finally {
      progress.clear();
    }
  }

  private void keepOrForget(Site site, RunHistory history, Verdict verdict) throws IOException {
    if (verdict.passed() && options.keepDir == null) {
      site.forget();
    } else if (!verdict.passed()) {
      Evidence.write(site.dir().resolve("history.txt"), history);
    }
  }

  /** Whether a webhook is among the receivers: who is attached to has its own, and another release may know none. */
  private boolean isTold() {
    return options.attach == null
        && options.serverJars.size() <= 1
        && !OwnRedis.CLUSTER.equals(options.redis);
  }

  /** Until it was told of everything, or hears nothing for a while; what is missing then is the judge's business. */
  private void awaitHook(Site site, HookEndpoint hook, Map<String, List<RunHistory.Entry>> logs) {
    long begun = System.nanoTime();
    long heardAt = begun;
    int heard = 0;
    while (isTold() && !HookJudge.hasAll(hook.taken(), logs, loss(site))) {
      int now = hook.taken().size();
      if (now > heard) {
        heard = now;
        heardAt = System.nanoTime();
      }
      double silentMs = (System.nanoTime() - heardAt) / 1e6;
      if (silentMs > DRAIN_MS || (System.nanoTime() - begun) / 1e6 > LATEST_DRAIN_MS) {
        return;
      }
      show(site, "draining the webhook, ", silentMs, DRAIN_MS);
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private void disturb(Site site, Cast cast, ConnectionFaults connectionFaults, HookEndpoint hook)
      throws Exception {
    FaultLane onServer = new FaultLane(
        "server",
        new FaultSchedule(seed * 31 + 1, onProcesses(true), 300, 1_500),
        site::injectIntoServer);
    FaultLane onConnections = new FaultLane(
        "connections",
        new FaultSchedule(seed * 31 + 2, onProcesses(false), 50, 400),
        connectionFaults);
    cast.publishers().forEach(Publisher::start);
    onServer.start();
    onConnections.start();
    try {
      long begun = System.nanoTime();
      long until = options.duration.toNanos();
      long latest = LATEST * until + TimeUnit.MILLISECONDS.toNanos(DRAIN_MS);
      long spent = 0;
      // On a slow or busy machine faults take longer: a run that proves nothing is worth nothing,
      // so it goes on.
      while (spent < until || (spent < latest && !provesSomething(site, connectionFaults, hook))) {
        show(site, spent < until ? "" : "until every fault has fired, ", spent / 1e9, until / 1e9);
        LockSupport.parkNanos(TICK_NANOS);
        rethrow(onServer.failure());
        rethrow(onConnections.failure());
        spent = System.nanoTime() - begun;
      }
    } finally {
      onConnections.stop();
      onServer.stop();
      cast.publishers().forEach(Publisher::stop);
    }
    finish(cast.publishers());
    rethrow(onServer.failure());
    rethrow(onConnections.failure());
  }

  private static void finish(List<Publisher> publishers) throws Exception {
    long deadline = System.nanoTime() + DRAIN_MS * 1_000_000;
    for (Publisher publisher : publishers) {
      publisher.finish(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
    }
  }

  /** Waits until every receiver has what the logs hold; what is missing at the deadline is the judge's business. */
  private Map<String, List<RunHistory.Entry>> drain(Site site, Cast cast) throws Exception {
    Map<String, List<RunHistory.Entry>> logs = new HashMap<>();
    Map<Destination, RunHistory.Entry> last = new LinkedHashMap<>();
    for (Map.Entry<Destination, HttpApi.User> topic : cast.readers().entrySet()) {
      List<RunHistory.Entry> log = readLog(site, topic.getKey(), topic.getValue());
      logs.put(topic.getKey().toString(), log);
      if (!log.isEmpty()) {
        last.put(topic.getKey(), log.get(log.size() - 1));
      }
    }
    long begun = System.nanoTime();
    while (!cast.receivers().stream().allMatch(receiver -> receiver.hasAll(last))) {
      double spentMs = (System.nanoTime() - begun) / 1e6;
      if (spentMs > DRAIN_MS) {
        break;
      }
      show(site, "draining, ", spentMs, DRAIN_MS);
      LockSupport.parkNanos(TICK_NANOS);
    }
    // Whatever comes twice comes now.
    LockSupport.parkNanos(3 * TICK_NANOS);
    return logs;
  }

  private static List<RunHistory.Entry> readLog(Site site, Destination topic, HttpApi.User reader)
      throws IOException, InterruptedException {
    // A node needs a moment to find its Redis again.
    long deadline = System.nanoTime() + DRAIN_MS * 1_000_000;
    while (true) {
      try {
        return LogReader.read(site.direct(), topic, reader);
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(TICK_NANOS);
      }
    }
  }

  private void show(Site site, String what, double done, double total) {
    progress.show(
        done,
        total,
        String.format(
            "%saccepted %,d · handed %,d · kills %d · connections %d",
            what,
            recorder.acceptedSoFar(),
            recorder.handedSoFar(),
            site.fired(FaultKind.KILL),
            site.connections()));
  }

  private Set<FaultKind> onProcesses(boolean on) {
    Set<FaultKind> kinds = FaultKind.parse("none");
    faults.stream().filter(kind -> (kind.onServer() || kind.onRedis()) == on).forEach(kinds::add);
    return kinds;
  }

  /** Whether every fault has fired, and kills often enough for the duration. */
  private boolean provesSomething(Site site, ConnectionFaults connectionFaults, HookEndpoint hook) {
    // Each kind that Redis suffers takes its time out of the same lane.
    long secondsPerKill =
        SECONDS_PER_KILL + faults.stream().filter(FaultKind::onRedis).count();
    long kills =
        faults.contains(FaultKind.KILL) ? options.duration.toSeconds() / secondsPerKill : 0;
    return site.fired(FaultKind.KILL) >= kills
        && fired(site, connectionFaults, hook).values().stream().allMatch(count -> count > 0);
  }

  /** The counters that must have moved for the run to prove anything. */
  private Map<String, Long> fired(Site site, ConnectionFaults connectionFaults, HookEndpoint hook) {
    Map<String, Long> fired = new LinkedHashMap<>();
    for (FaultKind kind : faults) {
      fired.put(
          kind.counter(),
          kind == FaultKind.RESTART ? connectionFaults.restarts() : site.fired(kind));
    }
    if (faults.contains(FaultKind.CUT_ANSWER)) {
      fired.put("wire_redeliveries", site.onTheWire(WireTap::redeliveries));
      fired.put("publishes_answered_again", repeated(site));
    }
    if (faults.contains(FaultKind.KILL) || faults.contains(FaultKind.RESTART)) {
      fired.put("resumes", site.onTheWire(WireTap::resumes));
    }
    if (faults.contains(FaultKind.KILL) && isTold()) {
      fired.put("webhook_failures", hook.failures());
      fired.put("webhook_hangs", hook.hangs());
      fired.put("webhook_restarts", hook.restarts());
    }
    return fired;
  }

  private RunHistory.Loss loss(Site site) {
    Set<String> values = new HashSet<>();
    for (Stretch stretch : site.losses()) {
      values.addAll(recorder.openDuring(stretch.fromNs(), stretch.toNs()));
    }
    return new RunHistory.Loss(faults.stream().anyMatch(FaultKind::takesBack), values);
  }

  private long repeated(Site site) {
    return recorder.repeatedAnswers() + site.onTheWire(WireTap::duplicateAnswers);
  }

  private Map<String, Long> facts(Site site, Map<String, Long> fired) {
    Map<String, Long> facts = new LinkedHashMap<>(fired);
    facts.put("connections", site.connections());
    facts.put("deliveries_on_the_wire", site.onTheWire(WireTap::deliveries));
    site.serverFacts(facts);
    return facts;
  }

  private static void rethrow(@Nullable Exception failure) throws Exception {
    if (failure != null) {
      throw failure;
    }
  }
}
