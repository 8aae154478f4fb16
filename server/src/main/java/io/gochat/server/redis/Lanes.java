package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The lanes of all masters, and which of them a topic is in while something of it is. Confined to the committer thread. */
final class Lanes {
  private final RedisLink link;
  private final Map<Object, Lane> byMaster = new HashMap<>();
  private final Map<Topic, Lane> homes = new HashMap<>();

  Lanes(RedisLink link) {
    this.link = link;
  }

  /**
   * Where the topic's next publish belongs. A topic that moves to another master stays in its lane until that has nothing
   * of it: its order is at stake.
   */
  Lane of(Topic topic) {
    Lane known = homes.get(topic);
    if (known != null && known.holds(topic)) {
      return known;
    }
    Lane lane =
        byMaster.computeIfAbsent(link.masterOf(topic), master -> new Lane(!link.isCluster()));
    homes.put(topic, lane);
    return lane;
  }

  Collection<Lane> all() {
    return byMaster.values();
  }

  boolean areIdle() {
    return byMaster.values().stream().allMatch(Lane::isIdle);
  }

  /** How long nothing has to be done in any of them, at most {@code mostNanos}. */
  long waitNanos(long now, long mostNanos) {
    long wait = mostNanos;
    for (Lane lane : byMaster.values()) {
      wait = Math.min(wait, lane.waitNanos(now));
    }
    return wait;
  }

  /** A call of this lane is over: of which of its topics it has nothing any more is forgotten. */
  void forget(Lane lane, AppendCall.Call call) {
    for (AppendCall.Batch batch : call.batches()) {
      if (!lane.holds(batch.topic())) {
        homes.remove(batch.topic());
      }
    }
  }

  /** What waited was answered: the topics that were only waiting are forgotten. */
  void forgetWaiting() {
    homes.entrySet().removeIf(home -> !home.getValue().holds(home.getKey()));
  }
}
