package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.GoAway;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whenever a client is closed: every future ends, no socket and no task of it stays. */
@Timeout(120)
final class CloseAtEveryMomentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final MultiThreadIoEventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

  @TempDir
  private Path directory;

  @AfterAll
  static void stopLoops() throws Exception {
    LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS);
  }

  /** Where a client may stand when it is closed. */
  enum Moment {
    BEFORE_CONNECT {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) {
        return ChatClient.create(options.build());
      }
    },
    CONNECT_WAS_CALLED {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) {
        return connecting(options);
      }
    },
    WHILE_A_TOKEN_IS_OBTAINED {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<ChatClient> self = new AtomicReference<>();
        ChatClient client = connecting(options.token(() -> {
          asked.countDown();
          await().atMost(PATIENCE).until(() -> isClosed(self.get()));
          return "late";
        }));
        self.set(client);
        asked.await(30, TimeUnit.SECONDS);
        return client;
      }
    },
    ACCEPTED {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        ChatClient client = connecting(options);
        server.accept();
        return client;
      }
    },
    LOGIN_WAS_SENT {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        ChatClient client = connecting(options.login("alice", "secret").register(true));
        server.accept();
        return client;
      }
    },
    HELLO_WAS_SENT {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        ChatClient client = connecting(options);
        server.accept().read();
        return client;
      }
    },
    WELCOMED {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        ChatClient client = connecting(options);
        server.acceptAndWelcome();
        return client;
      }
    },
    WAITING_FOR_THE_NEXT_ATTEMPT {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        ChatClient client =
            connecting(options.backoff(Duration.ofMinutes(5), Duration.ofMinutes(5)));
        server.accept().close();
        await().atMost(PATIENCE).until(() -> !client.state().detail().isEmpty());
        return client;
      }
    },
    AFTER_A_GOODBYE {
      @Override
      ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception {
        ChatClient client = connecting(options);
        CompletableFuture<?> published = client.publish(Topic.room(1), "in flight");
        Peer peer = server.acceptAndWelcome();
        peer.read();
        peer.goAway(GoAway.Reason.DRAIN, 300_000, false);
        assertThat(published).isNotDone();
        return client;
      }
    };

    abstract ChatClient reach(ScriptedServer server, ClientOptionsBuilder options) throws Exception;

    private static boolean isClosed(@Nullable ChatClient client) {
      return client != null && client.state().phase() == ConnectionState.Phase.CLOSED;
    }

    private static ChatClient connecting(ClientOptionsBuilder options) {
      ChatClient client = ChatClient.create(options.build());
      client.connect();
      return client;
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothing_stays(Moment moment) throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      ChatClient client =
          moment.reach(server, server.options().eventLoops(LOOPS, CountedChannel.class));
      List<CompletableFuture<?>> pending = List.of(
          client.connect(),
          client.publish(Topic.room(1), "text"),
          client.join(2),
          client.history(Topic.room(3), 0, 10),
          client.roomInfo(4));

      client.closeAsync().get(30, TimeUnit.SECONDS);

      for (CompletableFuture<?> each : pending) {
        awaitDone(each);
      }
      assertNoChannel();
      assertThat(SharedResources.isInUse()).isFalse();
    }
  }

  @Test
  void a_server_that_accepts_no_connection_leaves_no_socket() throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Socket> inTheWay = fill(full);
      ChatClient client = ChatClient.create(ClientOptions.builder()
          .host("127.0.0.1")
          .port(full.getLocalPort())
          .token("t")
          .eventLoops(LOOPS, CountedChannel.class)
          .build());
      client.connect();
      await().atMost(PATIENCE).until(() -> CountedChannel.OPEN.get() == 1);

      client.closeAsync().get(30, TimeUnit.SECONDS);

      assertNoChannel();
      for (Socket each : inTheWay) {
        each.close();
      }
    }
  }

  /** Until the queue of the listening socket is full and the next connection hangs. */
  private static List<Socket> fill(ServerSocket listening) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    while (true) {
      Socket socket = new Socket();
      sockets.add(socket);
      try {
        socket.connect(listening.getLocalSocketAddress(), 100);
      } catch (SocketTimeoutException e) {
        return sockets;
      }
    }
  }

  @Test
  void at_random_moments_of_a_real_server_nothing_stays() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    try (RealServer server = new RealServer(directory)) {
      for (int round = 0; round < 60; round++) {
        ChatClient client = ChatClient.create(server
            .options("user-" + round % 10)
            .eventLoops(LOOPS, CountedChannel.class)
            .build());
        CompletableFuture<?> connected = client.connect();
        CompletableFuture<?> published = client.publish(Topic.room(1), "round " + round);
        // From the first syscall to long after the welcome, denser at the beginning.
        turns((int) (200 * Math.pow(random.nextDouble(), 3)));

        client.closeAsync().get(30, TimeUnit.SECONDS);

        awaitDone(connected);
        awaitDone(published);
      }

      assertNoChannel();
      assertThat(SharedResources.isInUse()).as("seed %d", seed).isFalse();
    }
  }

  /** Lets the event loops go round so often. */
  private void turns(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      LOOPS.submit(() -> {}).get(30, TimeUnit.SECONDS);
    }
  }

  private static void awaitDone(CompletableFuture<?> future) throws Exception {
    future.handle((value, failure) -> "done").get(30, TimeUnit.SECONDS);
  }

  private static void assertNoChannel() {
    await().atMost(PATIENCE).until(() -> CountedChannel.OPEN.get() == 0);
  }

  /** Knows how many of its kind are open. */
  public static final class CountedChannel extends NioSocketChannel {
    static final AtomicInteger OPEN = new AtomicInteger();

    public CountedChannel() {
      OPEN.incrementAndGet();
      closeFuture().addListener(closed -> OPEN.decrementAndGet());
    }
  }
}
