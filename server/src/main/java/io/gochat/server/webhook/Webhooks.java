package io.gochat.server.webhook;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.files.WatchedFile;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.TopicFilter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other people's servers what was said: reads the file of the endpoints, and lets an {@link Engine} do it on a thread
 * of its own. Thread-safe; {@link #start}, {@link #reloadIfChanged} and {@link #close} block.
 */
public final class Webhooks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Webhooks.class);
  private static final long TICK_MS = 20;
  private static final long START_SECONDS = 10;
  private static final long STOP_MS = 3_000;

  // Confined to whoever starts it, then to whoever looks whether it changed.
  private final WatchedFile file;

  private final Surroundings around;
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Sender sender;
  private final Engine engine;
  private final DeadLetters deadLetters;
  private volatile List<Endpoint> endpoints;

  /**
   * What it needs of the server.
   *
   * @param connected whether a user has a connection, to whichever node
   * @param names where names are looked up
   * @param tls whom to believe; null: whom the JVM believes
   */
  public record Surroundings(
      Outbox outbox,
      PositionStore positions,
      LongPredicate connected,
      GuardedClock clock,
      MeterRegistry meters,
      String version,
      NameLookup.Names names,
      @Nullable SslContext tls) {
    /** With the names and the certificates that this machine believes in. */
    public Surroundings(
        Outbox outbox,
        PositionStore positions,
        LongPredicate connected,
        GuardedClock clock,
        MeterRegistry meters,
        String version) {
      this(outbox, positions, connected, clock, meters, version, InetAddress::getAllByName, null);
    }
  }

  private Webhooks(
      WebhookOptions options, WatchedFile file, Surroundings around, List<Endpoint> endpoints)
      throws SSLException {
    this.file = file;
    this.around = around;
    this.endpoints = endpoints;
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends Channel> channel =
        Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    group =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("gochat-webhook", true), io);
    loop = group.next();
    SslContext given = around.tls();
    sender = new HttpSender(new HttpSender.Surroundings(
        loop,
        channel,
        around.names(),
        given == null ? SslContextBuilder.forClient().build() : given,
        around.clock()::wallMillis,
        around.clock()::monotonicMillis,
        around.version()));
    engine = new Engine(
        new Engine.Parts(
            around.outbox(),
            around.positions(),
            sender,
            around.connected(),
            around.clock(),
            around.meters(),
            loop,
            options.backlogBytes(),
            options.offlineAfter().toMillis()),
        endpoints);
    deadLetters = new DeadLetters(around.outbox(), this::existing, this::send);
  }

  /** Reads the file and begins to tell; when it returns, whatever is published is told to every endpoint of the file. */
  public static Webhooks start(WebhookOptions options, Surroundings around)
      throws UnusableException {
    try {
      WatchedFile file = new WatchedFile(options.file());
      Webhooks webhooks = new Webhooks(options, file, around, EndpointsFile.read(file));
      webhooks.begin();
      return webhooks;
    } catch (SSLException e) {
      throw new UnusableException("TLS cannot be used for webhooks: " + e.getMessage() + ".");
    }
  }

  private void begin() {
    around.outbox().record(wanted(endpoints));
    around.outbox().listener(new Notices(loop, engine::recorded, engine::readAgain));
    CompletableFuture<Void> begun = engine.begins();
    loop.execute(engine::tick);
    loop.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    await(begun, START_SECONDS, "webhooks begin when the store answers");
    log.info("webhooks: {}", names(endpoints));
  }

  // A periodic task that throws is never run again.
  private void tick() {
    try {
      engine.tick();
    } catch (RuntimeException | Error e) {
      log.error("a bug of ours: webhooks stumbled, and go on", e);
    }
  }

  private static void await(CompletableFuture<Void> future, long seconds, String otherwise) {
    try {
      future.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("{}", otherwise, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static TopicFilter wanted(List<Endpoint> endpoints) {
    return endpoints.stream().map(Endpoint::wanted).reduce(TopicFilter.NONE, TopicFilter::or);
  }

  private static String names(List<Endpoint> endpoints) {
    return endpoints.isEmpty()
        ? "none"
        : endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(", "));
  }

  // ---- the file ----

  /** Called every second by one thread: a file that has changed is read again, and says so. */
  public void reloadIfChanged() {
    try {
      if (!file.hasChanged()) {
        return;
      }
      List<Endpoint> changed = EndpointsFile.read(file);
      log.info("{} was read again; webhooks: {}", file.path(), names(changed));
      around.outbox().record(wanted(changed).or(wanted(endpoints)));
      endpoints = changed;
      loop.execute(() -> engine.configure(changed));
    } catch (UnusableException e) {
      log.warn("{} The webhooks of before count on.", e.getMessage());
    } catch (IOException e) {
      if (file.isNewlyGone()) {
        log.warn(
            "--webhooks={} cannot be read: {}. The webhooks of before count on.",
            file.path(),
            e.toString());
      }
    }
  }

  // ---- for operators ----

  /** Who is told, and how that goes. */
  public CompletableFuture<List<EndpointView>> endpoints() {
    CompletableFuture<List<EndpointView>> views = new CompletableFuture<>();
    loop.execute(() -> views.complete(engine.views()));
    return views;
  }

  /** The dead letters of an endpoint after the one with this id, oldest ids first. */
  public CompletableFuture<List<DeadLetterView>> deadLetters(
      String endpoint, String after, int limit) {
    return deadLetters.list(endpoint, after, limit);
  }

  /** Sends a dead letter again, once. */
  public CompletableFuture<Void> sendAgain(String endpoint, String id) {
    return deadLetters.send(endpoint, id);
  }

  /** Sends up to a hundred dead letters again, until one is not taken. */
  public CompletableFuture<Resent> sendAllAgain(String endpoint) {
    return deadLetters.sendAll(endpoint);
  }

  /** Deletes a dead letter. */
  public CompletableFuture<Void> deleteDeadLetter(String endpoint, String id) {
    return deadLetters.delete(endpoint, id);
  }

  /** An endpoint that ended, because it answered 410, begins anew. */
  public CompletableFuture<Void> enable(String endpoint) {
    String name = existing(endpoint).name();
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> engine.enable(name).whenComplete((enabled, failure) -> {
      if (failure == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failure);
      }
    }));
    return done;
  }

  private Endpoint existing(String name) {
    return endpoints.stream()
        .filter(endpoint -> endpoint.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new RefusedException(ErrorKind.NOT_FOUND, "no such webhook"));
  }

  private CompletableFuture<Outcome> send(Endpoint endpoint, Event event) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    loop.execute(() -> sender.send(endpoint, event, outcome::complete));
    return outcome;
  }

  /** Awaits what is under way, for a moment, and writes what was told. */
  @Override
  public void close() {
    if (loop.isShuttingDown()) {
      return;
    }
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    loop.execute(() -> engine.stop().thenRun(() -> stopped.complete(null)));
    try {
      stopped.get(STOP_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.info("what webhooks were told last may be told again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      around.outbox().resign().get(1, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("the lead runs out by itself", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.execute(sender::close);
    group.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MS);
  }
}
