package io.gochat.bench.load;

import io.gochat.bench.websocket.Via;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a run does. Immutable.
 *
 * @param scenario what kind of load
 * @param targets where the server is, or its nodes; connections are spread over them
 * @param shape how many of everything
 * @param pace how fast and how long
 * @param textBytes bytes of each message's text
 * @param loops event loops for the receiving connections
 * @param sources source addresses on loopback to spread connections over
 * @param via how commands reach the server
 */
record LoadPlan(
    Scenario scenario,
    List<ServerAddress> targets,
    Shape shape,
    Pace pace,
    int textBytes,
    int loops,
    int sources,
    Via via) {

  /** The first node: the one that accounts are made on. */
  ServerAddress target() {
    return targets.get(0);
  }

  /** The node of connection {@code index}. */
  ServerAddress target(int index) {
    return targets.get(index % targets.size());
  }

  /** All of them, as the user would write it. */
  String where() {
    return targets.stream().map(ServerAddress::text).collect(Collectors.joining(","));
  }

  /** The same with so many publishers, as many messages under way, in a closed loop. */
  LoadPlan withPublishers(int count) {
    return new LoadPlan(
        scenario,
        targets,
        new Shape(shape.members(), shape.rooms(), count, shape.users()),
        new Pace(
            0,
            count,
            Duration.ZERO,
            pace.warmup(),
            pace.measured(),
            pace.settle(),
            pace.storm(),
            pace.pairs()),
        textBytes,
        loops,
        sources,
        via);
  }

  /** The same against another server. */
  LoadPlan at(ServerAddress other) {
    return new LoadPlan(scenario, List.of(other), shape, pace, textBytes, loops, sources, via);
  }

  /** The same as frames, without TLS. */
  LoadPlan inPlainFrames() {
    return new LoadPlan(
        scenario,
        targets.stream().map(target -> target.with(Optional.empty())).toList(),
        shape,
        pace,
        textBytes,
        loops,
        sources,
        Via.FRAMES);
  }

  /** How many accounts it takes. */
  int usersNeeded() {
    return switch (scenario) {
      case DIRECT -> shape.rooms() + shape.publishers();
      case HTTP -> shape.members() == 0 ? shape.rooms() + 1 : shape.users();
      default -> shape.users();
    };
  }

  /** The kinds of load. */
  enum Scenario {
    /** One large room. */
    FANOUT,
    /** Many small rooms. */
    ROOMS,
    /** User to user. */
    DIRECT,
    /** Pushes over HTTP. */
    HTTP,
    /** Durable publishes into rooms without members: how fast messages become durable, and nothing else. */
    PUBLISH,
    /** A storm of connections, then idle. */
    CONNECT,
    /** A fan-out, then the same beside a storm of logins. */
    LOGIN,
    /** A fan-out without and beside members that do not read, in pairs. */
    SLOW;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How many of everything.
   *
   * @param members connections that receive, per room
   * @param rooms how many rooms
   * @param publishers connections that publish
   * @param users accounts that the connections share
   */
  record Shape(int members, int rooms, int publishers, int users) {
    int receivers() {
      return members * rooms;
    }
  }

  /**
   * How fast and how long.
   *
   * @param perSecond what is started per second over all publishers; 0: as fast as {@code window} allows
   * @param window messages that not all of their receivers have yet; only without a rate
   * @param ramp in which the rate grows from nothing; not measured either
   * @param warmup not measured
   * @param measured measured
   * @param settle how long what is still missing is waited for after the last publish
   * @param storm logins under way at once in the login scenario
   * @param pairs phases without and beside slow members in the slow scenario
   */
  record Pace(
      double perSecond,
      int window,
      Duration ramp,
      Duration warmup,
      Duration measured,
      Duration settle,
      int storm,
      int pairs) {
    boolean isOpenLoop() {
      return perSecond > 0;
    }

    long totalNs() {
      return ramp.plus(warmup).plus(measured).toNanos();
    }
  }
}
