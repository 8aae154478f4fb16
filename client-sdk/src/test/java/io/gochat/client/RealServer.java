package io.gochat.client;

import io.gochat.server.Server;
import io.gochat.server.config.ServerFlags;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The real server in this process, which can be stopped and started on the same data. Confined to one thread. */
final class RealServer implements AutoCloseable {
  private final Path directory;
  private final List<String> flags;
  private @Nullable Server server;

  RealServer(Path directory, String... flags) throws Exception {
    this.directory = directory;
    this.flags = List.of(flags);
    start(0);
  }

  int port() {
    return running().port();
  }

  /** Stops it with a drain and starts it on the same port and data. */
  void restart() throws Exception {
    int port = port();
    close();
    start(port);
  }

  ClientOptionsBuilder options(String user) {
    return options(user, port());
  }

  /** For a client of {@code user}, whose account is made at need, reconnecting quickly. */
  ClientOptionsBuilder options(String user, int port) {
    return ClientOptions.builder()
        .host("127.0.0.1")
        .port(port)
        .login(user, "secret-" + user)
        .register(true)
        .backoff(Duration.ofMillis(10), Duration.ofMillis(500));
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  private Server running() {
    if (server == null) {
      throw new IllegalStateException("stopped");
    }
    return server;
  }

  private void start(int port) throws Exception {
    List<String> all = new ArrayList<>(flags);
    all.add("--host=127.0.0.1");
    all.add("--port=" + port);
    all.add("--data-dir=" + directory.resolve("data"));
    all.add("--bcrypt-cost=4");
    all.add("--logins-per-minute=0");
    all.add("--login-failures-per-minute=0");
    all.add("--registrations-per-minute=0");
    server = Server.start(ServerFlags.parse(all.toArray(new String[0])));
  }
}
