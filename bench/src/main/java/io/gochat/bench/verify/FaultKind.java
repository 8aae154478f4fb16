package io.gochat.bench.verify;

import io.gochat.bench.redis.OwnRedis;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What can be done to a run. Immutable. */
enum FaultKind {
  /** SIGKILL of the server process, and a new one on the same directory. */
  KILL(Where.SERVER, "kills"),
  /** SIGSTOP of the server process, SIGCONT a moment later. */
  PAUSE(Where.SERVER, "pauses"),
  /** The wall clock of a server is ahead by weeks for a while. */
  CLOCK_FORWARD(Where.SERVER, "clock_jumps_forward"),
  /** The wall clock of a server is behind by weeks for a while. */
  CLOCK_BACK(Where.SERVER, "clock_jumps_back"),
  /** SIGKILL of the server process, and a new one that starts weeks in the past; its clock is right a moment later. */
  PAST_RESTART(Where.SERVER, "restarts_in_the_past"),
  /** SIGKILL of the Redis process, and a new one on the same append-only file. */
  REDIS_RESTART(Where.REDIS, "redis_restarts"),
  /** The connections on which Redis notifies the nodes are cut; what is published meanwhile is told to nobody. */
  DROP_NOTIFICATIONS(Where.REDIS, "notification_cuts"),
  /** SIGKILL of the Redis process, and a new one that lacks the last moments that it had acknowledged. */
  REDIS_LOSS(Where.REDIS, "redis_losses"),
  /** SIGSTOP of the Redis process, SIGCONT a moment later. */
  REDIS_PAUSE(Where.REDIS, "redis_pauses"),
  /** Redis has no memory for writes for a while. */
  REDIS_FULL(Where.REDIS, "redis_full"),
  /** SIGKILL of the master, which Sentinel replaces by its replica. */
  REDIS_FAILOVER(Where.SENTINEL, "redis_failovers"),
  /** SIGKILL of one master of the cluster, which its replica replaces. */
  REDIS_MASTER_KILL(Where.CLUSTER, "redis_masters_killed"),
  /** A connection is reset when the client sends; the server never sees those bytes. */
  CUT_BEFORE(Where.CONNECTION, "cuts_before_request"),
  /** A connection is reset when the server sends; the client never sees those bytes. */
  CUT_ANSWER(Where.CONNECTION, "cuts_before_answer"),
  /** A connection is reset in the middle of what the server sends. */
  CUT_MIDDLE(Where.CONNECTION, "cuts_inside_answer"),
  /** A connection is reset right after what the server sent was passed on. */
  CUT_AFTER(Where.CONNECTION, "cuts_after_answer"),
  /** A receiver stops reading for a while. */
  STALL(Where.CONNECTION, "stalls"),
  /** A receiver's process dies, and a new one resumes from the position store. */
  RESTART(Where.CONNECTION, "receiver_restarts");

  private final Where where;
  private final String counter;

  private enum Where {
    SERVER,
    REDIS,
    SENTINEL,
    CLUSTER,
    CONNECTION
  }

  FaultKind(Where where, String counter) {
    this.where = where;
    this.counter = counter;
  }

  /** Done to the server process, so not to a server that is only attached to. */
  boolean onServer() {
    return where == Where.SERVER;
  }

  /** Done to the Redis that the nodes share, so only where a run has started it. */
  boolean onRedis() {
    return where == Where.REDIS || where == Where.SENTINEL || where == Where.CLUSTER;
  }

  /** Done to a Redis that is started for this value of {@code --redis}. */
  boolean onRedis(String redis) {
    return switch (where) {
      case REDIS -> redis.equals(OwnRedis.ONE);
      case SENTINEL -> redis.equals(OwnRedis.SENTINEL);
      case CLUSTER -> redis.equals(OwnRedis.CLUSTER);
      default -> false;
    };
  }

  /** Redis may take back what a receiver was handed: it has to be told then. */
  boolean takesBack() {
    return this == REDIS_LOSS || this == REDIS_FAILOVER || this == REDIS_MASTER_KILL;
  }

  /** The name of the counter that proves that it happened. */
  String counter() {
    return counter;
  }

  /** How it is written on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kinds in a comma-separated list; {@code all} and {@code none} are understood. */
  static Set<FaultKind> parse(String list) {
    EnumSet<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    for (String part : list.split(",", -1)) {
      String word = part.strip();
      if (word.equals("all")) {
        kinds.addAll(EnumSet.allOf(FaultKind.class));
      } else if (!word.isEmpty() && !word.equals("none")) {
        kinds.add(ofWord(word));
      }
    }
    return kinds;
  }

  private static FaultKind ofWord(String word) {
    List<String> known = new ArrayList<>();
    for (FaultKind kind : values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
      known.add(kind.word());
    }
    throw new IllegalArgumentException(
        "unknown fault '" + word + "'; known: all, none, " + String.join(", ", known));
  }
}
