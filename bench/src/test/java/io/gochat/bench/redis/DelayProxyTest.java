package io.gochat.bench.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That a distant server is distant, and nothing else. */
@Timeout(60)
class DelayProxyTest {
  private static final Duration ROUND_TRIP = Duration.ofMillis(40);

  private final ServerSocket server = listen();
  private final DelayProxy proxy = new DelayProxy(
      new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()), ROUND_TRIP);

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void what_is_sent_comes_back_a_round_trip_later_whole_and_in_order() throws Exception {
    CompletableFuture<Void> echo = CompletableFuture.runAsync(this::echo);
    byte[] sent = new byte[4 << 20];
    new Random(42).nextBytes(sent);

    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      long begun = System.nanoTime();
      CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(client, sent));
      int first = client.getInputStream().read();
      long tookNanos = System.nanoTime() - begun;
      byte[] rest = client.getInputStream().readNBytes(sent.length - 1);

      writing.join();
      assertThat(tookNanos).isGreaterThanOrEqualTo(ROUND_TRIP.toNanos());
      assertThat((byte) first).isEqualTo(sent[0]);
      assertThat(rest).isEqualTo(Arrays.copyOfRange(sent, 1, sent.length));
    }
    echo.join(); // the end is handed on as well
  }

  @Test
  void server_that_is_not_there_is_an_end() throws Exception {
    server.close();

    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  private static void write(Socket client, byte[] bytes) {
    try {
      client.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void echo() {
    try (Socket peer = server.accept();
        InputStream in = peer.getInputStream()) {
      in.transferTo(peer.getOutputStream());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
