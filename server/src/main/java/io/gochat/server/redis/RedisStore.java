package io.gochat.server.redis;

import io.gochat.server.account.AccountStore;
import io.gochat.server.cluster.DeviceClaims;
import io.gochat.server.cluster.NodePresence;
import io.gochat.server.failure.Failure;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.session.SessionStore;
import io.gochat.server.store.Store;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that outlives a process, in Redis, for many nodes. Thread-safe. While Redis cannot be reached, publishes
 * are refused and reads fail with {@link io.gochat.server.failure.StoreUnavailableException}; it works again by itself
 * when Redis does.
 */
public final class RedisStore implements Store {
  private static final Logger log = LoggerFactory.getLogger(RedisStore.class);
  private static final long TICK_MS = 100;
  private static final int TICKS_PER_SECOND = 10;
  private static final Script PROBE = Script.load("probe");
  private static final long PROBE_MS = 10_000;
  private static final Script RIGHTS = Script.load("rights");
  private static final int LEASE_TICKS = 3 * TICKS_PER_SECOND;

  private final RedisLink link;
  private final Continuity continuity;
  private final Watches watches;
  private final Committer committer;
  private final WritePath writes;
  private final Revocations revocations;
  private final @Nullable NodeLease lease;
  private final ScheduledExecutorService scheduler;
  private final RedisAccounts accounts;
  private final RedisSessions sessions;
  private final RedisLog messageLog;
  private final RedisPositions positions;
  private final RedisPresence presence;
  private final RedisOutbox outbox;
  private final SharedClock sharedClock;
  private final RedisDevices devices;
  private volatile boolean answering;
  private volatile boolean started;
  private final AtomicBoolean closed = new AtomicBoolean();
  private int ticks; // confined to the scheduler's thread

  private RedisStore(
      RedisLink link,
      Watches watches,
      RedisOptions options,
      InstantSource clock,
      Runnable died,
      MeterRegistry meters) {
    this.link = link;
    this.watches = watches;
    this.scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "gochat-redis-tick");
      thread.setDaemon(true);
      return thread;
    });
    this.continuity = new Continuity(
        link,
        new Continuity.Listener() {
          @Override
          public void epochChanged(long epoch) {
            watches.epochChanged(epoch);
          }

          @Override
          public void usersMayDiffer() {
            RedisStore.this.usersMayDiffer();
          }
        },
        meters);
    this.revocations = new Revocations(link, scheduler);
    this.lease = options.nodeId().isEmpty() ? null : new NodeLease(link, options.nodeId());
    watches.start(link, continuity);
    this.writes = new WritePath(meters, this::missingRights);
    Gauge.builder("gochat.redis.up", this, store -> store.answering ? 1 : 0)
        .description("1: Redis answers")
        .register(meters);
    Gauge.builder("gochat.redis.lease.held", this, store -> store.holdsLease() ? 1 : 0)
        .description("1: this node has its name")
        .register(meters);
    FunctionCounter.builder("gochat.redis.connects", link, RedisLink::generation)
        .description("Connections to Redis that were made, the first and those after an outage")
        .register(meters);
    this.committer = new Committer(link, options, continuity, watches, writes, clock, died, meters);
    this.accounts = new RedisAccounts(link, continuity, revocations);
    this.sessions = new RedisSessions(link, revocations, continuity);
    this.messageLog = new RedisLog(link, committer, continuity, watches);
    this.positions = new RedisPositions(link, continuity);
    this.presence = new RedisPresence(link, scheduler);
    this.outbox = new RedisOutbox(link, committer, scheduler);
    this.sharedClock = new SharedClock(link, System::nanoTime, clock);
    this.devices = new RedisDevices(link, scheduler, sharedClock);
  }

  /**
   * Connects, looks at Redis' settings, and says what durability they amount to. Blocks.
   *
   * @param died is run when nothing can be written any more, and everybody who waits will be told
   * @throws RedisOpenException when Redis cannot be reached, or must not be used as it is configured
   */
  public static RedisStore open(
      RedisOptions options, InstantSource clock, MeterRegistry meters, Runnable died)
      throws RedisOpenException {
    Watches watches = new Watches(meters);
    RedisLink link = Opening.connect(options, watches, new CallTimes(meters));
    RedisStore store = new RedisStore(link, watches, options, clock, died, meters);
    try {
      store.start(options);
      return store;
    } catch (RedisOpenException e) {
      store.close();
      throw e;
    }
  }

  private void start(RedisOptions options) throws RedisOpenException {
    try {
      if (await(link.commands().exists(link.keys().imported), options) > 0) {
        throw new RedisOpenException(RedisImport.halfWay(link));
      }
      refuseWithoutRights(await(missingRights(), options));
      await(DataFormat.check(link), options);
      if (lease != null) {
        lease.acquire();
      }
      await(continuity.verify(), options);
      await(revocations.start(), options);
      await(devices.open(), options);
      await(NodeSettings.compare(link, options), options);
    } catch (ExecutionException | TimeoutException e) {
      if (Failure.cause(e) instanceof RedisOpenException refused) {
        throw refused;
      }
      throw new RedisOpenException(
          "Redis does not answer as it should: " + Failure.cause(e).getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisOpenException("interrupted while connecting to Redis", e);
    }
    answering = true;
    started = true;
    scheduler.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private static void refuseWithoutRights(String missing) throws RedisOpenException {
    if (!missing.isEmpty()) {
      throw new RedisOpenException("The ACL of Redis lacks rights that are needed: " + missing);
    }
  }

  // As rules of an ACL; what is called outside of scripts is named by Redis itself.
  private CompletionStage<String> missingRights() {
    String publish = link.isSharded() ? "SPUBLISH" : "PUBLISH";
    return RIGHTS
        .call(
            link.commands(),
            new byte[][] {link.keys().nobodys},
            Keys.bytes(publish),
            link.keys().probe.get(2))
        .thenApply(missing -> missing.stream()
            .map(name -> "+" + Keys.text((byte[]) name))
            .collect(Collectors.joining(" ")));
  }

  private static <T> T await(CompletionStage<T> stage, RedisOptions options)
      throws ExecutionException, TimeoutException, InterruptedException {
    return stage
        .toCompletableFuture()
        .get(options.commandTimeout().toMillis() * 2, TimeUnit.MILLISECONDS);
  }

  @Override
  public AccountStore accounts() {
    return accounts;
  }

  @Override
  public SessionStore sessions() {
    return sessions;
  }

  @Override
  public MessageLog log() {
    return messageLog;
  }

  @Override
  public PositionStore positions() {
    return positions;
  }

  /** Not in a Cluster, where one step cannot write to the topics' slots and to the outbox. */
  @Override
  public Optional<Outbox> outbox() {
    return link.isCluster() ? Optional.empty() : Optional.of(outbox);
  }

  @Override
  public NodePresence presence() {
    return presence;
  }

  @Override
  public DeviceClaims devices() {
    return devices;
  }

  /** Whether Redis can be reached, takes writes and holds what it held, and this node still is who it says. */
  @Override
  public boolean isReady() {
    return answering
        && committer.isAvailable()
        && link.isConnected()
        && continuity.isVerified()
        && writes.isOpen()
        && holdsLease();
  }

  private boolean holdsLease() {
    return lease == null || lease.isHeld();
  }

  /** Commits what is queued, then disconnects. Blocks. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      committer.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    revocations.close();
    scheduler.shutdownNow();
    giveUpLeases();
    watches.close();
    link.close();
  }

  // What is not given up now runs out by itself.
  private void giveUpLeases() {
    CompletionStage<?> given = presence.goodbye();
    if (lease != null && lease.isHeld()) {
      given = given.thenCombine(lease.release(), (gone, released) -> released);
    }
    try {
      given.toCompletableFuture().get(1, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("Leases could not be given up; they will run out", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // Nobody publishes to a node that is not ready: it finds out by itself when it is again.
  private void probeWrites() {
    PROBE
        .call(
            link.commands(),
            link.keys().probe.toArray(new byte[0][]),
            Keys.bytes(link.isSharded() ? "SPUBLISH" : "PUBLISH"),
            Keys.bytes(PROBE_MS))
        .whenComplete((written, failure) -> {
          if (failure == null) {
            writes.taken();
          } else {
            writes.failed(failure, 0);
          }
          if (writes.isReadOnly()) {
            link.connectAnew();
          }
        });
  }

  private void usersMayDiffer() {
    if (started) { // before that nothing is remembered
      accounts.mayDiffer();
      revocations.missed();
    }
  }

  private void tick() {
    try {
      watches.tellOverdue();
      if (ticks++ % TICKS_PER_SECOND == 0) {
        everySecond();
      }
    } catch (RuntimeException e) {
      log.debug("Redis cannot be asked now", e); // a scheduled task that throws never runs again
    } catch (Error e) {
      log.error("the look at Redis failed; it is tried again", e);
    }
  }

  private void everySecond() {
    CompletionStage<?> asked =
        continuity.isVerified() ? continuity.refreshEpoch() : continuity.verify();
    asked.whenComplete((stayed, failure) -> {
      if (answering != (failure == null)) {
        answering = failure == null;
        if (answering) {
          log.info("Redis answers again");
        } else {
          log.warn("Redis does not answer: {}", Failure.cause(failure).getMessage());
        }
      }
    });
    probeWrites();
    if (lease != null && ticks % LEASE_TICKS < TICKS_PER_SECOND) {
      lease.renew();
    }
    sharedClock.look();
    link.tendSubscriptions();
    watches.checkSome();
  }
}
