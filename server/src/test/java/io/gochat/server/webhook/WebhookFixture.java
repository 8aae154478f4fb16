package io.gochat.server.webhook;

import static org.awaitility.Awaitility.await;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.embedded.Durability;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Webhooks on a real store, whose time passes, and can be made to pass faster. Confined to the test's thread. */
final class WebhookFixture implements AutoCloseable {
  static final Topic ROOM = Topic.room(7);

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Set<Long> connected = ConcurrentHashMap.newKeySet();
  private final AtomicLong aheadNanos = new AtomicLong();
  private volatile @Nullable Instant standsAt; // null: time passes
  private final long startNanos = System.nanoTime();
  private final Path directory;
  private final Path file;
  private long fileVersion = 1_000_000;
  private NameLookup.Names names = InetAddress::getAllByName;
  private @Nullable SslContext tls;
  private long backlogBytes = 1L << 30;
  private @Nullable EmbeddedStore store;
  private @Nullable Webhooks webhooks;

  WebhookFixture(Path directory) {
    this.directory = directory.resolve("data");
    this.file = directory.resolve("webhooks.json");
  }

  WebhookFixture names(NameLookup.Names resolve) {
    names = resolve;
    return this;
  }

  WebhookFixture tls(SslContext context) {
    tls = context;
    return this;
  }

  WebhookFixture backlog(long bytes) {
    backlogBytes = bytes;
    return this;
  }

  static String endpoint(String name, String url, String more) {
    return "{\"name\":\"" + name + "\",\"url\":\"" + url + "\",\"secrets\":[\""
        + ReceivingEndpoint.SECRET + "\"]" + more + "}";
  }

  static String endpoint(String name, ReceivingEndpoint at) {
    return endpoint(name, at.url(), ",\"events\":[\"message.published\"],\"allow_private\":true");
  }

  /** Writes the file of the endpoints. */
  WebhookFixture file(String... endpoints) throws IOException {
    Files.writeString(file, "[" + String.join(",", endpoints) + "]");
    fileVersion += 10_000;
    Files.setLastModifiedTime(file, FileTime.fromMillis(fileVersion));
    return this;
  }

  WebhookFixture open() throws Exception {
    GuardedClock clock = new GuardedClock(this::wall, this::monotonicNanos);
    store = EmbeddedStore.open(
        EmbeddedOptions.of(directory).withDurability(Durability.ASYNC), clock, meters);
    webhooks = Webhooks.start(
        new WebhookOptions(file, backlogBytes, Duration.ofSeconds(10)),
        new Webhooks.Surroundings(
            store.outbox().orElseThrow(),
            store.positions(),
            connected::contains,
            clock,
            meters,
            "test",
            names,
            tls));
    return this;
  }

  void reopen() throws Exception {
    close();
    open();
  }

  void reload() {
    webhooks().reloadIfChanged();
  }

  Webhooks webhooks() {
    return Objects.requireNonNull(webhooks);
  }

  EmbeddedStore store() {
    return Objects.requireNonNull(store);
  }

  /** No time passes but what is {@linkplain #advance advanced}: no try is too late because this machine is busy. */
  WebhookFixture standStill() {
    standsAt = Instant.now();
    return this;
  }

  private Instant wall() {
    Instant stands = standsAt;
    return (stands == null ? Instant.now() : stands).plusNanos(aheadNanos.get());
  }

  private long monotonicNanos() {
    return (standsAt == null ? System.nanoTime() : startNanos) + aheadNanos.get();
  }

  void advance(Duration time) {
    aheadNanos.addAndGet(time.toNanos());
  }

  CompletableFuture<PublishResult> publish(Topic topic, String text) {
    return store()
        .log()
        .publish(new Publication(topic, 3, "bob", topic.isInbox() ? "alice" : "", text, null));
  }

  Accepted published(Topic topic, String text) {
    return (Accepted) publish(topic, text).join();
  }

  double tries(String endpoint, Outcome.Kind kind) {
    return meters
        .get("gochat.webhook.tries")
        .tags("endpoint", endpoint, "outcome", kind.word())
        .counter()
        .count();
  }

  /** So many tries of an endpoint were refused, and the server has heard of it. */
  void awaitRefused(String endpoint, int tries) {
    await().until(() -> tries(endpoint, Outcome.Kind.REFUSED) >= tries);
  }

  /** So many events were delivered to an endpoint, and the server has heard of it: a stop has only to write. */
  void awaitDelivered(String endpoint, int events) {
    await().until(() -> tries(endpoint, Outcome.Kind.DELIVERED) >= events);
  }

  EndpointView view(String name) {
    return webhooks().endpoints().join().stream()
        .filter(view -> view.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    if (webhooks != null) {
      webhooks.close();
    }
    if (store != null) {
      store.close();
    }
  }
}
