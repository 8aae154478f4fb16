package io.gochat.bench.load;

import io.gochat.bench.load.LoadPlan.Pace;
import io.gochat.bench.load.LoadPlan.Scenario;
import io.gochat.bench.load.LoadPlan.Shape;
import io.gochat.bench.websocket.Via;
import io.gochat.bench.websocket.ViaOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much of everything, how fast and how long: what a {@link LoadPlan} is made of. Not thread-safe. */
final class LoadOptions {
  private static final int MAX_CONNECTIONS = 60_000;
  private static final int MAX_SECONDS = 24 * 3600;

  private Scenario scenario = Scenario.FANOUT;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  @Option(
      names = "--members",
      paramLabel = "N",
      description = "receivers per room; connections of connect")
  private @Nullable Integer members;

  @Option(names = "--rooms", paramLabel = "N", description = "rooms; recipients of direct and http")
  private @Nullable Integer rooms;

  @Option(names = "--publishers", paramLabel = "N", description = "publishing connections")
  private @Nullable Integer publishers;

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "accounts that share the connections (${DEFAULT-VALUE})")
  private int users = 16;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "messages (connect: connections) per second over all publishers")
  private @Nullable Double rate;

  @Option(
      names = "--window",
      paramLabel = "W",
      description =
          "instead of a rate: as fast as possible with W messages under way (closed loop)")
  private @Nullable Integer window;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description =
          "compare in N interleaved pairs (http, publish, login; fanout and rooms with --tls or --via ws; "
              + "slow: always, 9)")
  private @Nullable Integer pairs;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "bytes of each text (128; slow: 1024)")
  private @Nullable Integer size;

  @Option(
      names = "--time",
      paramLabel = "SECONDS",
      description = "measured time (10; of each half of a pair 3)")
  private @Nullable Double time;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "not measured (3; of each half of a pair 1, slow 0.5)")
  private @Nullable Double warmup;

  @Option(
      names = "--ramp",
      paramLabel = "SECONDS",
      description =
          "the rate grows from nothing for so long, before the warm-up (${DEFAULT-VALUE})")
  private double rampSeconds;

  @Option(
      names = "--settle",
      paramLabel = "SECONDS",
      description = "wait this long for what is missing (${DEFAULT-VALUE})")
  private double settleSeconds = 10;

  @Option(
      names = "--storm",
      paramLabel = "N",
      description = "logins under way at once, scenario login (${DEFAULT-VALUE})")
  private int storm = 8;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "receiving event loops (default: half the CPUs)")
  private int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  @Option(
      names = "--sources",
      paramLabel = "N",
      description = "source addresses on loopback (${DEFAULT-VALUE})")
  private int sources = 16;

  @Mixin
  private ViaOption way = new ViaOption();

  /** The scenario is known now: refuses pairs that make no sense with it. */
  void check(Scenario given, boolean isDrawn) {
    scenario = given;
    checkPairs(isDrawn);
  }

  /** Whether pairs are asked for of a scenario whose other side is plain frames. */
  boolean isBesidePlainFrames(Scenario asked) {
    return pairs != null && (asked == Scenario.FANOUT || asked == Scenario.ROOMS);
  }

  /** Whether messages go as frames. */
  boolean isInFrames() {
    return way.via() == Via.FRAMES;
  }

  /** In how many pairs; null: in none. */
  @Nullable
  Integer pairs() {
    return pairs;
  }

  /** The plan against these servers. */
  LoadPlan plan(List<ServerAddress> targets) {
    Shape shape = shape();
    boolean isSlow = scenario == Scenario.SLOW;
    int textBytes = size != null ? size : isSlow ? 1024 : 128;
    checkPace(isSlow);
    bound("--size", textBytes, Stamp.MIN_BYTES, 1_000_000);
    return new LoadPlan(
        scenario, targets, shape, pace(shape, isSlow), textBytes, loops, sources, way.via());
  }

  private Pace pace(Shape shape, boolean isSlow) {
    boolean isPaired = isSlow || pairs != null;
    double seconds = time != null ? time : isPaired ? 3 : 10;
    double warmupSeconds = warmup != null ? warmup : isSlow ? 0.5 : isPaired ? 1 : 3;
    bound("--time", seconds, 0.1, MAX_SECONDS);
    bound("--warmup", warmupSeconds, 0, 3600);
    boolean isClosed = window != null
        || (rate == null
            && (scenario == Scenario.CONNECT
                || scenario == Scenario.PUBLISH
                || (pairs != null && scenario == Scenario.HTTP)));
    if (rampSeconds > 0 && (isClosed || isPaired || scenario == Scenario.CONNECT)) {
      throw wrong("--ramp lets a --rate grow: not with --window, --pairs, connect or slow");
    }
    boolean isOneEach = scenario == Scenario.PUBLISH || scenario == Scenario.HTTP;
    return new Pace(
        isClosed ? 0 : rate == null ? 100 : rate,
        window != null ? window : isOneEach ? shape.publishers() : 256,
        seconds(rampSeconds),
        seconds(warmupSeconds),
        seconds(seconds),
        seconds(settleSeconds),
        storm,
        pairs == null ? 9 : pairs);
  }

  private void checkPace(boolean isSlow) {
    bound("--users", users, 1, 10_000);
    bound("--settle", settleSeconds, 0, 3600);
    bound("--loops", loops, 1, 64);
    bound("--sources", sources, 1, 200);
    bound("--storm", storm, 1, 1000);
    bound("--ramp", rampSeconds, 0, 3600);
    if (isSlow && window != null) {
      throw wrong("slow needs an open loop: --rate, not --window");
    }
    if (rate != null && window != null) {
      throw wrong("--rate and --window contradict each other: an open loop or a closed one");
    }
    if (rate != null) {
      bound("--rate", rate, 0.001, 10_000_000);
    }
    if (window != null) {
      bound("--window", window, 1, 1_000_000);
    }
  }

  private Shape shape() {
    int perRoom = members == null ? defaultMembers() : members;
    boolean isOneRoom = scenario == Scenario.CONNECT || scenario == Scenario.SLOW;
    int topics = rooms == null || isOneRoom ? defaultRooms() : rooms;
    int senders = publishers == null ? defaultPublishers() : publishers;
    int fewest = switch (scenario) {
      case HTTP, PUBLISH -> 0;
      case SLOW -> SlowMembers.COUNT + 1;
      default -> 1;
    };
    bound("--members", perRoom, fewest, MAX_CONNECTIONS);
    if (scenario == Scenario.PUBLISH && perRoom > 0) {
      throw wrong("publish has no receivers: --members 0, or the scenario rooms");
    }
    bound("--rooms", topics, 1, MAX_CONNECTIONS);
    bound("--publishers", senders, 1, 10_000);
    if ((long) perRoom * topics > MAX_CONNECTIONS) {
      throw wrong(
          "at most " + MAX_CONNECTIONS + " receiving connections, not " + (long) perRoom * topics);
    }
    return new Shape(perRoom, topics, senders, users);
  }

  private int defaultMembers() {
    return switch (scenario) {
      case ROOMS -> 10;
      case DIRECT -> 1;
      case HTTP, PUBLISH -> 0;
      case SLOW -> 500;
      default -> 1000;
    };
  }

  private int defaultRooms() {
    return switch (scenario) {
      case ROOMS -> 100;
      case DIRECT -> 50;
      case HTTP -> 16;
      case PUBLISH -> 64;
      default -> 1;
    };
  }

  private int defaultPublishers() {
    return switch (scenario) {
      case HTTP -> pairs == null ? 32 : 64;
      case PUBLISH -> 64;
      case DIRECT -> 8;
      default -> 1;
    };
  }

  private static Duration seconds(double value) {
    return Duration.ofNanos(Math.round(value * 1e9));
  }

  private void bound(String option, double value, double from, double to) {
    if (!(value >= from && value <= to)) {
      throw wrong(
          String.format(Locale.ROOT, "%s must lie between %,.6g and %,.6g", option, from, to));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Whether pairs are asked for, and fit the scenario. */
  private void checkPairs(boolean isDrawn) {
    if (pairs == null) {
      return;
    }
    bound("--pairs", pairs, 1, 1_000);
    if (scenario == Scenario.SLOW) {
      return; // in pairs by nature
    }
    if (scenario == Scenario.DIRECT || scenario == Scenario.CONNECT) {
      throw wrong(
          "--pairs: fanout, rooms, http, publish and login are compared with something, not "
              + scenario.word());
    }
    if (isDrawn) {
      throw wrong("--report draws one run: without --pairs");
    }
    if (rate != null && scenario != Scenario.LOGIN && !isBesidePlainFrames(scenario)) {
      throw wrong("--pairs compares what goes as fast as it can: without --rate");
    }
    if (scenario == Scenario.HTTP && members != null && members > 0) {
      throw wrong("--pairs: nobody receives what a bare HTTP server is sent: --members 0");
    }
  }
}
