package io.gochat.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An issuer over real sockets, on its bad days: whatever it does, the fetch ends. */
@Timeout(60)
class HttpKeySourceTest {
  /** For issuers that never answer. */
  private static final Duration SHORT = Duration.ofMillis(400);

  private static final Duration LONG = Duration.ofSeconds(30);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final CountDownLatch hungUp = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void what_is_published_is_had() throws Exception {
    KeySource source =
        source(LONG, out -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));

    assertThat(source.fetch().get(30, TimeUnit.SECONDS).json()).isEqualTo("{}");
  }

  @Test
  void an_issuer_that_is_gone_fails_the_fetch() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0)) {
      port = closed.getLocalPort();
    }

    assertFails(new HttpKeySource(URI.create("http://127.0.0.1:" + port + "/keys"), LONG));
  }

  @Test
  void an_issuer_that_accepts_and_hangs_is_left() throws Exception {
    assertFails(source(SHORT, out -> hungUp.await()));
  }

  @Test
  void an_issuer_that_stops_in_the_body_is_left() throws Exception {
    assertFails(source(SHORT, out -> {
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"keys\":");
      hungUp.await();
    }));
  }

  @Test
  void an_issuer_that_trickles_is_left() throws Exception {
    ScheduledExecutorService drops = Executors.newSingleThreadScheduledExecutor();
    open.add(drops::shutdownNow);
    CountDownLatch left = new CountDownLatch(1);
    KeySource source = source(SHORT, out -> {
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
      drops.scheduleAtFixedRate(
          () -> {
            try {
              write(out, " ");
            } catch (IOException e) {
              left.countDown();
            }
          },
          0,
          20,
          TimeUnit.MILLISECONDS);
      left.await();
    });

    assertFails(source);

    assertThat(left.await(30, TimeUnit.SECONDS))
        .as("the connection is closed too")
        .isTrue();
  }

  @Test
  void more_than_a_megabyte_is_not_read() throws Exception {
    assertFails(source(LONG, out -> {
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
      byte[] part = new byte[1 << 16];
      for (int i = 0; i < 1_600; i++) {
        out.write(part);
      }
    }));
  }

  @Test
  void another_status_and_another_place_are_no_keys() throws Exception {
    assertFails(
        source(LONG, out -> write(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")));
    KeySource moved = source(
        LONG,
        out -> write(
            out,
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));

    assertFails(moved);
  }

  @Test
  void what_is_no_http_fails_the_fetch() throws Exception {
    assertFails(source(LONG, out -> write(out, "SSH-2.0-OpenSSH_9.2\r\n")));
  }

  private static void assertFails(KeySource source) {
    CompletableFuture<KeySource.Fetched> fetch = source.fetch();

    assertThatThrownBy(() -> fetch.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class);
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private interface Behaviour {
    void play(OutputStream out) throws Exception;
  }

  /** An issuer that reads one request per connection, behaves, and closes. */
  private KeySource source(Duration within, Behaviour behaviour) throws IOException {
    ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(listening);
    open.add(hungUp::countDown);
    Thread thread = new Thread(() -> serve(listening, behaviour), "issuer");
    thread.setDaemon(true);
    thread.start();
    return new HttpKeySource(
        URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/keys"), within);
  }

  private void serve(ServerSocket listening, Behaviour behaviour) {
    while (!listening.isClosed()) {
      try (Socket socket = listening.accept()) {
        int length = socket.getInputStream().read(new byte[4_096]);
        if (length > 0) {
          behaviour.play(socket.getOutputStream());
        }
      } catch (Exception e) {
        // Whoever fetched has left, or the test is over.
      }
    }
  }
}
