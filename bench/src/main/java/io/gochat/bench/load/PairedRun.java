package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.common.Spread;
import io.gochat.bench.load.UserPool.User;
import io.gochat.bench.process.FreshServer;
import io.gochat.bench.process.ProcessProbe;
import io.gochat.bench.websocket.Via;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two things measured beside each other in interleaved pairs, each of them first every other time, so that what the
 * machine does meanwhile hits both alike; what counts is the ratio within each pair. Both sides stay connected all the
 * time. Confined to the calling thread.
 */
final class PairedRun {
  private static final int WARM_PAIRS = 2;
  private static final String PER_DELIVERY = "server.us_per_delivery";
  // The other side has rooms of its own.
  private static final long ROOMS_APART = 1_000_000;

  private final LoadPlan plan;
  private final UserPool pool;
  private final @Nullable ProcessProbe server;
  private final ProgressLine progress;
  private final Ending ending;

  PairedRun(
      LoadPlan plan,
      UserPool pool,
      @Nullable ProcessProbe server,
      ProgressLine progress,
      Ending ending) {
    this.plan = plan;
    this.pool = pool;
    this.server = server;
    this.progress = progress;
    this.ending = ending;
  }

  /** What is compared, and how well it should do. */
  enum Question {
    HTTP(
        "requests per CPU second of the server, /push/push to offline users against a bare Netty \"hello\"",
        "server.accepted_per_cpu_s",
        0.5,
        true),
    PUBLISH("durable publishes per second, all publishers against one", "accepted_per_s", 10, true),
    LOGIN(
        "p99 of the delivery, beside a storm of logins against the same load without",
        "delivery_us.p99",
        1.5,
        false),
    TLS("CPU of the server per delivery, over TLS against without", PER_DELIVERY, 2, false),
    TLS_ONE_BY_ONE(
        "CPU of the server per delivery, one message under way, over TLS against without",
        PER_DELIVERY,
        1.4,
        false),
    WEBSOCKET(
        "CPU of the server per delivery, over WebSocket (protobuf) against frames",
        PER_DELIVERY,
        1.15,
        false);

    final String words;
    final String figure; // where it is in a phase
    final double goal;
    final boolean isAtLeast;

    Question(String words, String figure, double goal, boolean isAtLeast) {
      this.words = words;
      this.figure = figure;
      this.goal = goal;
      this.isAtLeast = isAtLeast;
    }

    /** Null: the scenario has nothing that it is compared with. */
    static @Nullable Question of(LoadPlan plan) {
      return switch (plan.scenario()) {
        case HTTP -> HTTP;
        case PUBLISH -> PUBLISH;
        case LOGIN -> LOGIN;
        case FANOUT, ROOMS -> ofWay(plan);
        default -> null;
      };
    }

    private static @Nullable Question ofWay(LoadPlan plan) {
      if (plan.target().tls().isPresent()) {
        return !plan.pace().isOpenLoop() && plan.pace().window() == 1 ? TLS_ONE_BY_ONE : TLS;
      }
      return plan.via() == Via.WS ? WEBSOCKET : null;
    }

    boolean isMet(double ratio) {
      return isAtLeast ? ratio >= goal : ratio <= goal;
    }
  }

  /** One of the two; measures one phase each time it is called. */
  private interface Side {
    Map<String, @Nullable Object> measure() throws InterruptedException;
  }

  /** Runs it; the result as {@link Results} describes it, with {@code pairs}. */
  Map<String, @Nullable Object> run(Question question, int pairs)
      throws IOException, InterruptedException {
    progress.say("signing in " + plan.usersNeeded() + " users");
    List<User> users = pool.signedIn(plan.usersNeeded());
    return switch (question) {
      case HTTP -> besideHello(users, pairs);
      case PUBLISH -> besideOnePublisher(users, pairs);
      case LOGIN -> besideStorm(users, pairs);
      case TLS, TLS_ONE_BY_ONE, WEBSOCKET -> besidePlainFrames(question, users, pairs);
    };
  }

  private Map<String, @Nullable Object> besideHello(List<User> users, int pairs)
      throws IOException, InterruptedException {
    try (FreshServer hello = FreshServer.of(HelloServer.class);
        LoadRun ours = new LoadRun(plan, users, pool.roomBase(), server, progress, ending);
        LoadRun theirs = new LoadRun(
            plan.at(new ServerAddress(hello.address())),
            users,
            pool.roomBase(),
            hello.probe(),
            progress,
            ending)) {
      ours.connect();
      theirs.connect();
      Map<String, @Nullable Object> told =
          compare(Question.HTTP, pairs, () -> ours.phase("GoChat"), () -> theirs.phase("hello"));
      return result(ours, told);
    }
  }

  private Map<String, @Nullable Object> besideOnePublisher(List<User> users, int pairs)
      throws InterruptedException {
    try (LoadRun many = new LoadRun(plan, users, pool.roomBase(), server, progress, ending);
        LoadRun one =
            new LoadRun(plan.withPublishers(1), users, pool.roomBase(), server, progress, ending)) {
      many.connect();
      one.connect();
      String name = plan.shape().publishers() + " publishers";
      Map<String, @Nullable Object> told =
          compare(Question.PUBLISH, pairs, () -> many.phase(name), () -> one.phase("1 publisher"));
      return result(many, told);
    }
  }

  private Map<String, @Nullable Object> besidePlainFrames(
      Question question, List<User> users, int pairs) throws InterruptedException {
    LoadPlan plain = plan.inPlainFrames();
    try (LoadRun ours = new LoadRun(plan, users, pool.roomBase(), server, progress, ending);
        LoadRun theirs =
            new LoadRun(plain, users, pool.roomBase() + ROOMS_APART, server, progress, ending)) {
      ours.connect();
      theirs.connect();
      String name = plan.via().word() + (plan.target().tls().isPresent() ? " over TLS" : "");
      Map<String, @Nullable Object> told =
          compare(question, pairs, () -> ours.phase(name), () -> theirs.phase("plain frames"));
      theirs.finish();
      return result(ours, told);
    }
  }

  private Map<String, @Nullable Object> besideStorm(List<User> users, int pairs)
      throws InterruptedException {
    try (LoadRun run = new LoadRun(plan, users, pool.roomBase(), server, progress, ending)) {
      run.connect();
      Map<String, @Nullable Object> told = compare(
          Question.LOGIN,
          pairs,
          () -> run.besideStorm(pool.password()),
          () -> run.phase("without storm"));
      return result(run, told);
    }
  }

  /** The result of all: the phases of the last pair in full, of the others what is compared. */
  private Map<String, @Nullable Object> result(LoadRun run, Map<String, @Nullable Object> told)
      throws InterruptedException {
    Violations violations = run.finish();
    progress.done();
    List<@Nullable Object> phases = Json.asList(told.remove("last"));
    Map<String, @Nullable Object> result = Results.of(plan, phases, violations, run.notes());
    result.put("pairs", told);
    return result;
  }

  private Map<String, @Nullable Object> compare(
      Question question, int pairs, Side measured, Side beside) throws InterruptedException {
    warmUp(measured, beside);
    double[] ours = new double[pairs];
    double[] theirs = new double[pairs];
    List<@Nullable Object> names = List.of();
    List<@Nullable Object> last = List.of();
    int done = 0;
    for (int i = 0; i < pairs && !ending.isDue(server); i++) {
      boolean isFirst = i % 2 == 0;
      Map<String, @Nullable Object> first = (isFirst ? measured : beside).measure();
      Map<String, @Nullable Object> second = (isFirst ? beside : measured).measure();
      Map<String, @Nullable Object> mine = isFirst ? first : second;
      Map<String, @Nullable Object> other = isFirst ? second : first;
      if (ending.isDue(server)) {
        break; // half a pair says nothing
      }
      done++;
      String[] path = question.figure.split("\\.", -1);
      ours[i] = Json.number(mine, path);
      theirs[i] = Json.number(other, path);
      names = new ArrayList<>(Arrays.asList(mine.get("name"), other.get("name")));
      last = new ArrayList<>(Arrays.asList(mine, other));
    }
    if (done == 0) {
      throw new LoadFailure(ending.reason() + " before the first pair was measured");
    }
    Map<String, @Nullable Object> told =
        told(question, Arrays.copyOf(ours, done), Arrays.copyOf(theirs, done));
    told.put("sides", names);
    told.put("last", last);
    return told;
  }

  /** A young JVM still compiles what it will be measured with. */
  private void warmUp(Side measured, Side beside) throws InterruptedException {
    for (int i = 0; i < WARM_PAIRS && !ending.isDue(server); i++) {
      measured.measure();
      beside.measure();
    }
  }

  private static Map<String, @Nullable Object> told(
      Question question, double[] ours, double[] theirs) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
    Map<String, @Nullable Object> told = Json.object();
    told.put("question", question.words);
    told.put("figure", question.figure);
    told.put("pairs", ratios.length);
    told.put("measured", list(ours));
    told.put("beside", list(theirs));
    told.put("ratios", list(ratios));
    told.put("measured_spread", Spread.of(ours).toJson());
    told.put("beside_spread", Spread.of(theirs).toJson());
    Spread ratio = Spread.of(ratios);
    told.put("ratio", ratio.toJson());
    told.put("goal", question.goal);
    told.put("goal_is", question.isAtLeast ? "at least" : "at most");
    told.put("goal_met", question.isMet(ratio.median()));
    return told;
  }

  private static List<@Nullable Object> list(double[] values) {
    List<@Nullable Object> list = new ArrayList<>();
    for (double value : values) {
      list.add(value);
    }
    return list;
  }

  /** The comparison in words, for the end of a summary. */
  static String words(Map<String, @Nullable Object> pairs) {
    List<@Nullable Object> names = Json.asList(pairs.get("sides"));
    StringBuilder out = new StringBuilder();
    out.append(String.format(
        Locale.ROOT,
        "  %s%n  medians of %.0f interleaved pairs [95 %% interval; below 6 pairs the range]%n",
        pairs.get("question"),
        Json.number(pairs, "pairs")));
    out.append(line(String.valueOf(names.get(0)), pairs, "measured_spread", "%,.1f"));
    out.append(line(String.valueOf(names.get(1)), pairs, "beside_spread", "%,.1f"));
    out.append(line("ratio", pairs, "ratio", "%.3f"));
    out.append(String.format(
        Locale.ROOT,
        "    goal: %s %.2f: %s%n",
        pairs.get("goal_is"),
        Json.number(pairs, "goal"),
        Boolean.TRUE.equals(pairs.get("goal_met")) ? "met" : "NOT MET"));
    return out.toString();
  }

  private static String line(
      String name, Map<String, @Nullable Object> pairs, String key, String format) {
    return String.format(
        Locale.ROOT,
        "    %-26s " + format + " [" + format + ", " + format + "]%n",
        name,
        Json.number(pairs, key, "median"),
        Json.number(pairs, key, "low"),
        Json.number(pairs, key, "high"));
  }
}
