package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.net.Transport;
import io.gochat.testing.TestCertificates;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One room, members of three wire formats, plain and behind TLS, quick and not, on real sockets. */
class MixedRoomTest {
  private static final int MESSAGES = 400;

  /** Little, so that whoever does not read falls out and reads the log. */
  private static final FanOutOptions SMALL = new FanOutOptions(64 * 1024, 64 * 1024);

  private static final TestCertificates AUTHORITY = new TestCertificates();
  private static final SSLContext TLS = AUTHORITY.context(AUTHORITY.server());

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void everybody_gets_every_message_once_and_in_order(Transport transport) throws Exception {
    ExecutorService readers = Executors.newCachedThreadPool();
    try (FanOutServer server = new FanOutServer(transport, SMALL, Budgets.Limits.DEFAULT)) {
      List<Port> ports = listen(server);
      List<Future<?>> reading = new ArrayList<>();
      List<SeqClient> stalled = joinAll(server, ports);
      for (SeqClient quick : joinAll(server, ports)) {
        reading.add(readers.submit(() -> readAll(quick)));
      }

      publish(server, MESSAGES / 2);
      for (SeqClient late : joinAll(server, ports)) {
        reading.add(readers.submit(() -> readAll(late)));
      }
      publish(server, MESSAGES - MESSAGES / 2);
      for (SeqClient waking : stalled) {
        reading.add(readers.submit(() -> readAll(waking)));
      }

      for (Future<?> reader : reading) {
        reader.get(60, TimeUnit.SECONDS);
      }
      assertThat(server.failures).isEmpty();
    } finally {
      readers.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void an_answer_that_is_not_flushed_yet_goes_before_the_push_behind_it(Transport transport)
      throws Exception {
    try (FanOutServer server =
        new FanOutServer(transport, FanOutOptions.DEFAULT, Budgets.Limits.DEFAULT)) {
      List<Port> ports = listen(server);
      publish(server, 1);
      List<SeqClient> members = joinAll(server, ports);
      for (SeqClient member : members) {
        member.readUntil(1);
      }

      long expected = 1;
      for (SeqClient member : members) {
        member.ask();
        member.readUntil(++expected);
      }

      assertThat(members).allSatisfy(member -> assertThat(member.answers).hasValue(1));
      assertThat(server.failures).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void what_waits_for_stalled_members_is_released_when_they_leave(Transport transport)
      throws Exception {
    try (FanOutServer server = new FanOutServer(transport, SMALL, Budgets.Limits.DEFAULT)) {
      joinAll(server, listen(server));

      publish(server, MESSAGES);
    }
    // and the leak detector finds nothing
  }

  /** The client asks for new keys, which TLS 1.3 calls a key update; the answer must come in front of the next push. */
  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void keys_that_change_between_two_pushes_change_nothing_else(Transport transport)
      throws Exception {
    try (FanOutServer server =
        new FanOutServer(transport, FanOutOptions.DEFAULT, Budgets.Limits.DEFAULT)) {
      List<SeqClient> members = joinAll(server, listen(server));
      long expected = 0;
      for (int round = 0; round < 3; round++) {
        for (SeqClient member : members) {
          member.changeKeys();
        }

        publish(server, 20);

        expected += 20;
        for (SeqClient member : members) {
          member.readUntil(expected);
        }
      }
      assertThat(server.failures).isEmpty();
    }
  }

  /** A port, and what its clients speak; null: no TLS. */
  private record Port(InetSocketAddress address, @Nullable SSLContext tls) {}

  /** Plain, on the JDK's TLS, and on OpenSSL's where there is one. */
  private static List<Port> listen(FanOutServer server) throws Exception {
    SSLContext client = AUTHORITY.context(null);
    List<Port> ports = new ArrayList<>();
    ports.add(new Port(server.listen(null), null));
    ports.add(new Port(server.listen(TLS), client));
    if (OpenSsl.isAvailable()) {
      SslContext openSsl = SslContextBuilder.forServer(AUTHORITY.server().toKeyManagerFactory())
          .sslProvider(SslProvider.OPENSSL)
          .build();
      ports.add(new Port(server.listenBehind(openSsl::newHandler), client));
    }
    return ports;
  }

  private static List<SeqClient> joinAll(FanOutServer server, List<Port> ports) throws IOException {
    List<SeqClient> joined = new ArrayList<>();
    for (int format = 0; format < FanOutServer.FORMATS.size(); format++) {
      for (Port port : ports) {
        joined.add(server.join(port.address(), port.tls(), format));
      }
    }
    return joined;
  }

  private static Void readAll(SeqClient client) throws IOException {
    client.readUntil(MESSAGES);
    return null;
  }

  private static void publish(FanOutServer server, int count) {
    int left = count;
    while (left > 0) {
      long next = server.log.last(FanOutServer.ROOM) + 1;
      int batch = Math.min(left, 1 + (int) (next % 13));
      server.log.commit(
          FanOutServer.ROOM,
          LongStream.range(next, next + batch).mapToObj(SeqClient::text).toList());
      left -= batch;
    }
  }
}
