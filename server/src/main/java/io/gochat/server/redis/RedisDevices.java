package io.gochat.server.redis;

import io.gochat.server.cluster.DeviceClaims;
import io.lettuce.core.XReadArgs;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other nodes which devices are connected here, so that a device has one connection over all of them, the
 * latest. Thread-safe. The store's scheduler starts one step at a time, a claim and then a read; what was read is told on
 * the client's threads.
 *
 * <p>A claim is a device and the time at which its connection was made, by the {@link SharedClock}. Ten times a second a
 * node appends its new claims to one stream, and reads those of the others: an older connection here is closed; a later
 * one stays, and is claimed again, for whoever does not know. Since a claim carries its time, it may come late, twice, or
 * after a newer one, and does no harm. A connection that is gone by the next tick is not claimed at all: the greeting that
 * a node finds in its socket when it wakes up from a pause, from a client that went elsewhere meanwhile, is one of those.
 *
 * <p>Nothing is kept in Redis but the end of the stream, so that a node that died leaves nothing behind that could refuse
 * anybody. What may have been missed, after a trimmed or lost stream, is mended by claiming everything again.
 */
final class RedisDevices implements DeviceClaims {
  private static final Logger log = LoggerFactory.getLogger(RedisDevices.class);
  private static final long TICK_MS = 100;
  private static final int CLAIMS_AT_ONCE = 500;
  private static final int KEPT = 10_000;
  private static final XReadArgs SOME = XReadArgs.Builder.count(200);
  private static final byte[] PROCESS = Keys.bytes("p");

  private final RedisLink link;
  private final ScheduledExecutorService scheduler;
  private final SharedClock clock;
  private final String process = UUID.randomUUID().toString();
  private final Set<Device> unclaimed = ConcurrentHashMap.newKeySet();
  private final StreamCursor cursor;
  private final ToldStream told;
  private volatile @Nullable Connected connected;
  private boolean busy; // confined to the scheduler

  /** A user's device. */
  private record Device(long userId, String deviceId) {
    static Device parse(String text) {
      int colon = text.indexOf(':');
      return new Device(Long.parseLong(text, 0, colon, 10), text.substring(colon + 1));
    }

    @Override
    public String toString() {
      return userId + ":" + deviceId;
    }
  }

  RedisDevices(RedisLink link, ScheduledExecutorService scheduler, SharedClock clock) {
    this.link = link;
    this.scheduler = scheduler;
    this.clock = clock;
    this.told = new ToldStream(link, link.keys().devices, KEPT);
    this.cursor = new StreamCursor(link, link.keys().devices, this::hear, this::missed);
  }

  /** Looks at the clock, and finds the end of the stream. */
  CompletionStage<Void> open() {
    return clock.start().thenCompose(looked -> cursor.start());
  }

  @Override
  public void start(Connected here) {
    this.connected = here;
    scheduler.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public long now() {
    return clock.now();
  }

  @Override
  public void changed(long userId, String deviceId) {
    unclaimed.add(new Device(userId, deviceId));
  }

  private void tick() {
    Connected here = connected;
    if (busy || here == null) {
      return;
    }
    busy = true;
    try {
      claim(here)
          .thenCompose(done -> cursor.read(link.commands(), SOME))
          .whenCompleteAsync(
              (done, failure) -> {
                busy = false;
                if (failure != null) {
                  log.debug("Devices cannot be claimed now", failure);
                }
              },
              scheduler);
    } catch (RuntimeException e) {
      busy = false;
      log.debug(
          "Devices cannot be claimed now", e); // a scheduled task that throws never runs again
    }
  }

  private CompletionStage<Void> claim(Connected here) {
    List<Device> claimed = new ArrayList<>();
    List<byte[]> entry = new ArrayList<>(List.of(PROCESS, Keys.bytes(process)));
    Iterator<Device> devices = unclaimed.iterator();
    while (devices.hasNext() && claimed.size() < CLAIMS_AT_ONCE) {
      Device device = devices.next();
      // In this order: a connection that comes now is claimed the next time.
      devices.remove();
      OptionalLong since = here.connectedSince(device.userId, device.deviceId);
      if (since.isPresent()) {
        claimed.add(device);
        entry.add(Keys.bytes(device.toString()));
        entry.add(Keys.bytes(since.getAsLong()));
      }
    }
    if (claimed.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    return told.tell(entry.toArray(new byte[0][])).whenComplete((done, failure) -> {
      if (failure != null) {
        unclaimed.addAll(claimed); // perhaps for the second time: it says the same
      }
    });
  }

  private void hear(Map<byte[], byte[]> fields) {
    boolean others = false;
    Connected here = connected;
    for (Map.Entry<byte[], byte[]> field : fields.entrySet()) {
      if (others && here != null) {
        Device device = Device.parse(Keys.text(field.getKey()));
        if (here.claimed(device.userId, device.deviceId, Keys.number(field.getValue()))) {
          unclaimed.add(device);
        }
      } else if (Keys.text(field.getValue()).equals(process)) {
        return;
      }
      others = true; // the first field is the process
    }
  }

  private void missed() {
    log.warn("Devices of other nodes may have been missed: every device is claimed again");
    Connected here = connected;
    if (here != null) {
      here.claimAll();
    }
  }
}
