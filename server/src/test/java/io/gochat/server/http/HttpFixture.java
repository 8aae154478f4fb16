package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.ShippedServer;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.clock.ManualClock;
import io.gochat.server.net.ConnectionProtocol;
import io.gochat.server.registry.RoomPresence;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The server that ships, whose clocks stand still until they are moved, and clients of HTTP. */
final class HttpFixture implements AutoCloseable {
  static final int MAX_TEXT_BYTES = 2_048;
  static final int MAX_BODY_BYTES = 6 * MAX_TEXT_BYTES + 4_096;

  final RoomPresence presence;
  final Budgets budgets;
  private final ShippedServer server;
  private final ManualClock clock = ManualClock.fromNow();
  private final Queue<RawHttp> clients = new ConcurrentLinkedQueue<>();
  private volatile boolean isDateBroken;

  HttpFixture(Path directory, String... flags) throws Exception {
    this(directory, new ShippedServer.Setup().flags(flags));
  }

  /** On a server with what the test wants different; its clock is the fixture's. */
  HttpFixture(Path directory, ShippedServer.Setup setup) throws Exception {
    server = setup
        .flags("--max-text-bytes=" + MAX_TEXT_BYTES)
        .clock(new GuardedClock(this::wall, clock::nanos))
        .start(directory);
    presence = server.presence();
    budgets = server.budgets();
  }

  private Instant wall() {
    if (isDateBroken && Thread.currentThread().getName().startsWith("gochat-loop")) {
      throw new IllegalStateException("no date today");
    }
    return clock.instant();
  }

  /** What an event loop asks for the date throws from here on, or does not any more. */
  void breakDate(boolean broken) {
    isDateBroken = broken;
  }

  int port() {
    return server.port();
  }

  /** A client, which is closed at the latest with this. Any thread. */
  RawHttp connect() {
    return kept(RawHttp.connect(port()));
  }

  /** One that takes a few KB and no more until it is read. */
  RawHttp connectNarrow() {
    return kept(RawHttp.connectNarrow(port()));
  }

  private RawHttp kept(RawHttp client) {
    clients.add(client);
    return client;
  }

  /** Moves both clocks; what was due meanwhile happens at the next tick. */
  void advance(Duration by) {
    clock.advance(by);
  }

  /** One request on a connection of its own. */
  RawHttp.Response post(String path, String json, String... headers) {
    try (RawHttp http = connect()) {
      return http.post(path, json, headers);
    }
  }

  void register(String name) {
    assertThat(post("/user/register", credentials(name)).body()).isEqualTo("{\"code\":200}");
  }

  /** Signs a registered user in and returns the token. */
  String login(String name) {
    String body = post("/user/login", credentials(name)).body();
    return body.replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");
  }

  long userId(String name) {
    return server.accounts().byName(name).join().orElseThrow().userId();
  }

  /** The {@code i}th of several pushes to a room, which is written once however often it comes. */
  static String pushRoom(String token, long roomId, int i) {
    String body = "{\"token\":\"" + token + "\",\"msg\":\"m\",\"room_id\":" + roomId
        + ",\"client_message_id\":\"pipelined " + i + "\"}";
    return RawHttp.request("POST", "/push/pushRoom", body);
  }

  static String credentials(String name) {
    return "{\"username\":\"" + name + "\",\"password\":\"secret of " + name + "\"}";
  }

  /** What a counter says; 0: nothing was counted yet. */
  double counted(String meter, String... tags) {
    return server.counted(meter, tags);
  }

  /** Waits until so many requests wait for their answer. */
  void awaitInFlight(int requests) {
    await().until(() -> server.meters().get("gochat.http.in.flight").gauge().value() == requests);
  }

  /** HTTP, as the sniffer asks it. */
  ConnectionProtocol protocol() {
    return server.protocols().stream()
        .filter(protocol -> protocol.name().equals("http"))
        .findFirst()
        .orElseThrow();
  }

  /** How many connections are open. */
  int connections() {
    return server.connections();
  }

  /** The store goes away under the server. */
  void closeStore() {
    server.store().close();
  }

  /** Nobody is welcome any more, as when it begins to stop. */
  void drain() {
    server.drain();
  }

  /** Its clients go first, so that the stop waits for nobody. */
  @Override
  public void close() {
    clients.forEach(RawHttp::close);
    server.close();
  }
}
