package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.gochat.server.net.Transport;
import io.gochat.testing.TestCertificates;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What members read of the log is lent to them: see {@link Replay}. */
class LentPagesTest {
  private static final Topic ROOM = FanOutServer.ROOM;
  private static final SeqFormat FORMAT = FanOutServer.FORMATS.get(0);
  private static final int CROWD = 100;
  private static final int MESSAGES = 16;
  private static final long LIMIT = 4L << 20;

  /** Of 4 MB half a one for pages, the others for rests. */
  private static final Budgets.Limits LIMITS =
      new Budgets.Limits(1 << 20, LIMIT, 1 << 20, 128 << 10, 1 << 20);

  @Test
  void a_page_that_is_not_taken_is_taken_back_and_goes_on_when_the_socket_drains() {
    FanOutRig rig = new FanOutRig(FanOutOptions.DEFAULT, LIMITS);
    rig.commit(ROOM, 50, 1_000);
    FanOutRig.Member member = rig.member(FORMAT);
    member.room = 1_500;
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.step();
    rig.step();
    assertThat(rig.budgets.replay().used()).as("a page").isGreaterThanOrEqualTo(64 * 1024);

    rig.settle();
    assertThat(rig.budgets.replay().used())
        .as("the rest of what one push left")
        .isBetween(1L, 17_000L);

    member.room = 1 << 20;
    rig.settle();
    assertThat(member.read()).hasSize(50).startsWith("M1", "M2").endsWith("M50");
    rig.close();
  }

  @Test
  void a_page_is_given_back_when_its_member_leaves_the_room() {
    FanOutRig rig = new FanOutRig(FanOutOptions.DEFAULT, LIMITS);
    rig.commit(ROOM, 50, 1_000);
    FanOutRig.Member member = rig.member(FORMAT);
    member.room = 1_500;
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.step();
    rig.step();

    member.subscriber.detach(ROOM);

    assertThat(rig.budgets.replay().used()).isLessThan(17_000);
    rig.close();
  }

  @Test
  void a_read_that_is_under_way_keeps_the_turn_though_its_member_has_left() {
    FanOutRig rig = new FanOutRig(FanOutOptions.DEFAULT, LIMITS);
    rig.commit(ROOM, 5);
    FanOutRig.Member member = rig.member(FORMAT);
    CompletableFuture<Void> gate = new CompletableFuture<>();
    rig.log.readGate = gate;
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.step();
    assertThat(rig.log.reads.get()).isEqualTo(1);

    member.subscriber.detach(ROOM);
    CompletableFuture<Void> turn = member.subscriber.readTurn();
    rig.step();
    assertThat(turn).as("one read at a time").isNotDone();
    gate.complete(null);
    rig.settle();

    assertThat(turn).isDone();
    member.subscriber.readOver();
    rig.close();
  }

  @Test
  void
      a_crowd_that_joins_from_the_start_and_reads_nothing_is_lent_little_and_gets_all_once_it_reads()
          throws Exception {
    playCrowd(null, null);
  }

  @Test
  void so_does_a_crowd_behind_tls() throws Exception {
    TestCertificates authority = new TestCertificates();
    playCrowd(authority.context(authority.server()), authority.context(null));
  }

  private static void playCrowd(@Nullable SSLContext tls, @Nullable SSLContext clientTls)
      throws Exception {
    ExecutorService readers = Executors.newFixedThreadPool(4);
    try (FanOutServer server = new FanOutServer(Transport.AUTO, FanOutOptions.DEFAULT, LIMITS)) {
      InetSocketAddress port = server.listen(tls);
      InetSocketAddress plain = server.listen(null);
      for (long seq = 1; seq <= MESSAGES; seq++) {
        server.log.commit(ROOM, List.of(large(seq)));
      }
      List<SeqClient> crowd = new ArrayList<>();
      for (int i = 0; i < CROWD; i++) {
        crowd.add(server.join(port, clientTls, 0));
      }
      // All pages are lent, and rests begin to be left.
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> server.budgets.replay().used() > LIMIT / 8);

      SeqClient bystander =
          server.join(plain, null, FanOutServer.FROM_NOW | FanOutServer.OTHER_USER);
      bystander.texts = LentPagesTest::large;
      await().atMost(Duration.ofSeconds(30)).until(() -> server.joined.get() == CROWD + 1);
      long last = server.log.commit(ROOM, List.of(large(MESSAGES + 1)));
      bystander.readUntil(last);
      assertThat(server.budgets.replay().used())
          .as("pages, and a frame or a record for each")
          .isLessThan(LIMIT / 8 + CROWD * 20_000L);

      List<Future<?>> reading = new ArrayList<>();
      for (SeqClient member : crowd) {
        member.texts = LentPagesTest::large;
        reading.add(readers.submit(() -> readUntil(member, last)));
      }
      for (Future<?> reader : reading) {
        reader.get(120, TimeUnit.SECONDS);
      }
      assertThat(server.failures).isEmpty();
      await().atMost(Duration.ofSeconds(30)).until(() -> server.budgets.replay().used() == 0);
    } finally {
      readers.shutdownNow();
    }
  }

  private static Void readUntil(SeqClient client, long last) throws IOException {
    client.readUntil(last);
    return null;
  }

  private static byte[] large(long seq) {
    byte[] text = new byte[16 * 1024];
    Arrays.fill(text, (byte) seq);
    return text;
  }
}
