package io.gochat.bench.crowd;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.crowd.BystanderNotices.Kind;
import io.gochat.bench.crowd.RowReport.Phase;
import io.gochat.bench.process.FreshServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One row: a server of its own, a bystander, and a crowd that comes, stands, perhaps reads, and goes. Confined to the
 * calling thread.
 */
final class CrowdRun {
  private static final String PASSWORD = "crowd-secret";
  private static final long BYSTANDERS_ROOM = 1_000_001;

  private final CrowdRow row;
  private final CrowdOptions options;
  private final Consumer<String> progress;
  private final AnswerCounts answers = new AnswerCounts();
  private final List<Phase> phases = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final int size;

  CrowdRun(CrowdRow row, CrowdOptions options, Consumer<String> progress) {
    this.row = row;
    this.options = options;
    this.progress = progress;
    this.size = options.scaled(row.size());
  }

  /** Plays it. */
  RowReport run() throws IOException, InterruptedException {
    List<String> jvm = new ArrayList<>();
    if (!row.heap().isEmpty()) {
      jvm.add("-Xmx" + row.heap());
    }
    jvm.addAll(options.jvm);
    say("starting a server");
    FreshServer server = options.tls
        ? FreshServer.gochatWithTls(jvm, options.serverFlags)
        : FreshServer.gochat(jvm, options.serverFlags);
    try (server) {
      return run(server);
    }
  }

  private RowReport run(FreshServer server) throws IOException, InterruptedException {
    HttpApi api = HttpApi.patient(server.address());
    HttpApi.User user = api.signIn("bystander", PASSWORD);
    api.signIn("somebody-else", PASSWORD);
    say("filling it");
    Approach approach = Approach.of(server, options.way.via());
    Scene scene = new Scene(row, size, approach, api, PASSWORD, answers);
    scene.prepare();
    LoginProbe logins = new LoginProbe(server.address(), "somebody-else", PASSWORD);
    Bystander bystander = new Bystander(server.address(), user, BYSTANDERS_ROOM);
    try (bystander) {
      bystander.start();
      List<Mark> marks = play(scene, logins);
      say("waiting for the bystander");
      bystander.stop();
      measure(marks, bystander.notices());
    }
    scene.judge(failures);
    judgeLogins(logins);
    double residentMiB = server.residentMiB();
    if (!server.isAlive()) {
      failures.add("the server's process ended by itself");
    }
    server.stop();
    judgeLog(server.log());
    judgeAnswers();
    return new RowReport(
        row,
        size,
        List.copyOf(phases),
        answers.all(),
        logins.count(),
        logins.slowestMs(),
        residentMiB,
        List.copyOf(failures));
  }

  /** When a phase began, and what its p99 may be. */
  private record Mark(String name, long fromNs, double limitMs) {}

  private List<Mark> play(Scene scene, LoginProbe logins) throws IOException, InterruptedException {
    List<Mark> marks = new ArrayList<>();
    say("without the crowd");
    TimeUnit.SECONDS.sleep(1); // connections and caches are warm after it
    marks.add(mark("without", Double.NaN));
    rest(options.calmSeconds);
    marks.add(mark("connecting", options.connectingMs));
    say("the crowd connects");
    Crowd crowd = new Crowd(scene.approach(), row.reads(), answers);
    try (crowd) {
      scene.enter(crowd);
      marks.add(mark("held", options.p99Ms));
      say("the crowd stands");
      logins.until(System.nanoTime() + nanos(options.holdSeconds));
      if (!row.reads()) {
        marks.add(mark("reading", Double.NaN));
        say("the crowd reads");
        crowd.read();
        long open = crowd.awaitSettled(Duration.ofNanos(nanos(options.patienceSeconds)));
        if (open > 0) {
          failures.add(open + " of " + size + " did not get what they are owed");
        }
      }
      marks.add(mark("leaving", options.connectingMs));
    }
    marks.add(mark("after", options.p99Ms));
    say("after the crowd");
    rest(options.calmSeconds);
    marks.add(mark("", Double.NaN));
    return marks;
  }

  private static Mark mark(String name, double limitMs) {
    return new Mark(name, System.nanoTime(), limitMs);
  }

  private void rest(double seconds) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos(seconds));
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  private void measure(List<Mark> marks, BystanderNotices notices) {
    for (int i = 0; i + 1 < marks.size(); i++) {
      Mark mark = marks.get(i);
      long toNs = marks.get(i + 1).fromNs();
      Phase phase = new Phase(
          mark.name(),
          (toNs - mark.fromNs()) / 1e9,
          notices.figures(Kind.PUBLISH, mark.fromNs(), toNs),
          notices.figures(Kind.DELIVERY, mark.fromNs(), toNs),
          mark.limitMs());
      phases.add(phase);
      if (phase.isTooSlow()) {
        failures.add(String.format(
            Locale.ROOT,
            "%s: the bystander's p99 is %s ms for a publish and %s ms for a delivery, not %.0f",
            phase.name(),
            RowReport.ms(phase.publish().p99()),
            RowReport.ms(phase.delivery().p99()),
            phase.limitMs()));
      }
    }
    if (notices.failures() > 0) {
      failures.add(
          "the bystander was refused, cut off or left waiting " + notices.failures() + " times");
    }
  }

  private void judgeLogins(LoginProbe logins) {
    if (!logins.refusals().isEmpty()) {
      failures.add(logins.refusals().size() + " of " + logins.count()
          + " correct logins of somebody else failed: " + logins.refusals().get(0));
    }
    if (logins.slowestMs() > options.connectingMs) {
      failures.add(
          "a correct login of somebody else took " + RowReport.ms(logins.slowestMs()) + " ms");
    }
  }

  private void judgeLog(Path log) throws IOException {
    List<String> trouble = ServerLog.trouble(log);
    if (!trouble.isEmpty()) {
      failures.add(trouble.size() + " lines of a bug or a failed allocation in the server's log: "
          + trouble.get(0));
    }
  }

  private void judgeAnswers() {
    Map<String, Long> all = answers.all();
    for (String bad : List.of(
        AnswerCounts.CUT_OFF,
        "Gap",
        "a hole in what was delivered",
        "History with a hole",
        "Error INTERNAL")) {
      if (all.containsKey(bad)) {
        failures.add(bad + ": " + all.get(bad));
      }
    }
    if (row.mustBeAnswered() && answers.count(AnswerCounts.SILENCE) > 0) {
      failures.add(answers.count(AnswerCounts.SILENCE) + " were closed without an answer");
    }
    all.keySet().stream()
        .filter(kind -> kind.startsWith("HTTP 500") || kind.startsWith("not understood"))
        .forEach(kind -> failures.add(kind + ": " + all.get(kind)));
  }

  private void say(String what) {
    progress.accept(row.word() + ": " + what);
  }
}
