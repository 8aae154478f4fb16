package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.cluster.DeviceClaims;
import io.gochat.testing.TestResources;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What two nodes tell each other of their devices, and what becomes of it when Redis gets in the way. */
@Timeout(60)
class RedisDevicesTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose
  private final TestResources opened = new TestResources();

  private final RedisProcess redis = opened.add(RedisProcess.start());
  private final Node near = new Node();
  private final Node far = new Node();

  @Test
  void latest_connection_stays_wherever_it_is() {
    near.connect("phone", 1_000);
    far.connect("phone", 2_000);
    await().atMost(SOON).until(() -> !near.has("phone") && far.has("phone"));

    near.connect("phone", 3_000);

    await().atMost(SOON).until(() -> near.has("phone") && !far.has("phone"));
  }

  @Test
  void nodes_agree_on_the_time() {
    long slackMs = 50;
    long slack = (slackMs * 1_000) << 10;

    // A look at the clock that had to wait is a bad one, until there is a better.
    await().atMost(SOON).untilAsserted(() -> {
      long before = near.devices.now();
      long between = far.devices.now();
      long after = near.devices.now();
      assertThat(between).isBetween(before - slack, after + slack);
    });
  }

  @Test
  void claim_that_is_late_makes_the_later_one_be_told_again() {
    near.connected.put("phone", 1_000L);
    far.connected.put("phone", 2_000L); // the node died before it could tell

    near.devices.changed(3, "phone");

    await().atMost(SOON).until(() -> !near.has("phone"));
    assertThat(far.has("phone")).isTrue();
  }

  @Test
  void connection_that_is_gone_is_not_claimed() {
    far.connect("phone", 2_000);
    far.connected.put("marker", 1L);
    near.devices.changed(3, "phone"); // came, and went before anybody could be told
    near.connect("marker", 2_000);

    await().atMost(SOON).until(() -> !far.has("marker"));
    assertThat(far.has("phone")).isTrue();
  }

  @Test
  void lost_stream_is_mended_by_claiming_everything_again() {
    // Both are connected, and neither knows of the other.
    near.connected.put("phone", 1_000L);
    far.connected.put("phone", 2_000L);
    near.connect("first", 500);
    await().atMost(SOON).until(() -> redis.ask(r -> r.xlen("gochat:devices")) == 1);

    redis.ask(r -> r.del("gochat:devices"));
    redis.ask(r -> r.clientKill(KillArgs.Builder.typeNormal().skipme()));

    await().atMost(SOON).until(() -> !near.has("phone") && far.has("phone"));
  }

  @Test
  void claims_of_an_outage_are_made_after_it() {
    redis.kill();
    near.connect("phone", 1_000);
    far.connect("phone", 2_000);
    redis.startAgain();

    await().atMost(SOON).until(() -> !near.has("phone") && far.has("phone"));
  }

  @Test
  void best_look_at_the_clock_counts_until_it_is_old_or_contradicted() {
    SharedClock.Look exact = new SharedClock.Look(1_000_000, 100, 0);

    assertThat(exact.or(new SharedClock.Look(1_000_300, 5_000, 1_000_000))).isEqualTo(exact);
    SharedClock.Look better = new SharedClock.Look(1_000_050, 80, 1_000_000);
    assertThat(exact.or(better)).isEqualTo(better);
    SharedClock.Look muchLater = new SharedClock.Look(1_000_300, 5_000, 60_000_000);
    assertThat(exact.or(muchLater)).isEqualTo(muchLater);
    SharedClock.Look failedOver = new SharedClock.Look(9_000_000, 5_000, 1_000_000);
    assertThat(exact.or(failedOver)).isEqualTo(failedOver);
  }

  /** A store, and devices of user 3 that are connected to its node. */
  private final class Node implements DeviceClaims.Connected {
    final Map<String, Long> connected = new ConcurrentHashMap<>();
    final DeviceClaims devices = opened
        .add(SharedRedis.open(
            RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofSeconds(1))))
        .devices();

    Node() {
      devices.start(this);
    }

    void connect(String device, long at) {
      connected.put(device, at);
      devices.changed(3, device);
    }

    boolean has(String device) {
      return connected.containsKey(device);
    }

    @Override
    public OptionalLong connectedSince(long userId, String deviceId) {
      Long since = connected.get(deviceId);
      return since == null ? OptionalLong.empty() : OptionalLong.of(since);
    }

    @Override
    public boolean claimed(long userId, String deviceId, long elsewhere) {
      Long since = connected.get(deviceId);
      if (since == null || since > elsewhere) {
        return since != null;
      }
      connected.remove(deviceId);
      return false;
    }

    @Override
    public void claimAll() {
      connected.keySet().forEach(device -> devices.changed(3, device));
    }
  }
}
