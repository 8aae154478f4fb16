package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Message;
import io.gochat.protocol.Position;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import io.gochat.server.frame.FrameServer.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Order and completeness as a client sees them, while everything happens at once. */
@SuppressWarnings("NullAway.Init")
class FrameDeliveryTest {
  private static final long ROOM = 7;

  @TempDir
  Path directory;

  private FrameServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void start() throws Exception {
    server = new FrameServer(directory);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    server.close();
  }

  @Test
  void joins_leaves_and_reconnects_at_random_neither_lose_nor_double_nor_reorder()
      throws Exception {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    int messages = 3_000;
    long epoch = server.store.log().epoch();
    List<CompletableFuture<List<Long>>> receivers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Receiver receiver = new Receiver(new Random(seed + i), epoch, messages);
      receivers.add(CompletableFuture.supplyAsync(receiver::run, threads));
    }
    CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> publish(room(ROOM), messages / 2), threads),
            CompletableFuture.runAsync(() -> publish(room(ROOM), messages / 2), threads))
        .get(60, TimeUnit.SECONDS);

    List<Long> first = receivers.get(0).get(60, TimeUnit.SECONDS);
    assertThat(first).as("seed %d", seed).hasSize(messages).doesNotHaveDuplicates();
    for (CompletableFuture<List<Long>> receiver : receivers) {
      assertThat(receiver.get(60, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo(first);
    }
  }

  @Test
  void who_does_not_read_disturbs_nobody_and_gets_everything_in_order_in_the_end()
      throws Exception {
    int messages = 1_500;
    String text = "x".repeat(4_000);
    try (FrameTestClient slow = server.connect(4_096);
        FrameTestClient quick = server.connect(server.user());
        FrameTestClient sender = server.connect(server.user())) {
      slow.hello(server.user().token());
      slow.join(ROOM);
      quick.join(ROOM);
      CompletableFuture<List<Message>> read =
          CompletableFuture.supplyAsync(() -> quick.deliveries(messages), threads);
      for (int i = 0; i < messages; i++) {
        long id = sender.post(publishing(room(ROOM), text, ""));
        if (i % 50 == 49) {
          sender.answer(id);
        }
      }

      assertThat(read.get(30, TimeUnit.SECONDS)).hasSize(messages);
      assertThat(server.pendingBytes()).isLessThan(1 << 20);
      long seq = 0;
      for (Message message : slow.deliveries(messages)) {
        assertThat(message.getSeq()).isEqualTo(++seq);
      }
      slow.expectNothing();
    }
  }

  @Test
  void what_came_while_nobody_was_connected_is_delivered_by_hello() {
    User user = server.user();
    publish(inbox(user.id()), 500);

    try (FrameTestClient client = server.connect()) {
      Welcome welcome = client.hello(user.token());

      assertThat(welcome.getResumed(0).getSeq()).isEqualTo(500);
      assertThat(welcome.getResumed(0).getNextSeq()).isEqualTo(1);
      long seq = 0;
      for (Message message : client.deliveries(500)) {
        assertThat(message.getSeq()).isEqualTo(++seq);
      }
      client.expectNothing();
    }
  }

  private void publish(Topic topic, int count) {
    try (FrameTestClient client = server.connect(server.user())) {
      for (int i = 0; i < count; i++) {
        long id = client.post(publishing(topic, "m" + i, ""));
        if (i % 20 == 19 || i == count - 1) {
          assertThat(client.answer(id).hasPublished()).isTrue();
        }
      }
    }
  }

  /** A client that keeps its position as PROTOCOL.md says, and comes and goes at random. */
  private final class Receiver {
    private final Random random;
    private final long epoch;
    private final int wanted;
    private final User user = server.user();
    private final List<Long> messageIds = new ArrayList<>();

    Receiver(Random random, long epoch, int wanted) {
      this.random = random;
      this.epoch = epoch;
      this.wanted = wanted;
    }

    /** The ids of the messages by sequence. */
    List<Long> run() {
      while (messageIds.size() < wanted) {
        try (FrameTestClient client = server.connect()) {
          Welcome welcome = client.hello(
              Hello.newBuilder().setToken(user.token()).addResume(position(messageIds.size())));
          assertThat(welcome.getResumedList()).allMatch(resumed -> resumed.getRecovered());
          for (int turns = random.nextInt(4); turns >= 0; turns--) {
            turn(client);
          }
        }
      }
      return messageIds;
    }

    private void turn(FrameTestClient client) {
      read(client, random.nextInt(200));
      if (random.nextBoolean()) {
        long leave =
            client.post(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setRoomId(ROOM)));
        for (ServerFrame frame = client.push(); ; frame = client.push()) {
          if (frame.getRequestId() == leave) {
            break;
          }
          take(frame);
        }
        client.expectNothing();
      }
      if (messageIds.size() < wanted) {
        // From where it stands, or from a little earlier: then some come again.
        int from = Math.max(0, messageIds.size() - random.nextInt(3) * random.nextInt(50));
        client.post(ClientFrame.newBuilder()
            .setJoin(Join.newBuilder().setRoomId(ROOM).setFrom(position(from))));
      }
    }

    private void read(FrameTestClient client, int count) {
      for (int i = 0; i < count && messageIds.size() < wanted; i++) {
        take(client.push());
      }
    }

    private void take(ServerFrame frame) {
      if (frame.hasJoined()) {
        assertThat(frame.getJoined().getResumed().getRecovered()).isTrue();
        return;
      }
      assertThat(frame.hasDelivery()).as("%s", frame).isTrue();
      Message message = frame.getDelivery();
      int seq = (int) message.getSeq();
      assertThat(seq).isLessThanOrEqualTo(messageIds.size() + 1);
      if (seq == messageIds.size() + 1) {
        messageIds.add(message.getMessageId());
      } else {
        assertThat(messageIds.get(seq - 1)).isEqualTo(message.getMessageId());
      }
    }

    private Position position(int seq) {
      return Position.newBuilder()
          .setTopic(room(ROOM))
          .setEpoch(epoch)
          .setSeq(seq)
          .setMessageId(seq == 0 ? 0 : messageIds.get(seq - 1))
          .build();
    }
  }
}
