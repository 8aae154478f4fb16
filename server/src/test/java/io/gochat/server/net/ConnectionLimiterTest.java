package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionLimiterTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final EmbeddedChannel first = new EmbeddedChannel();
  private final EmbeddedChannel second = new EmbeddedChannel();

  @Test
  void a_lowered_bound_counts_from_then_on_and_is_never_raised() {
    ConnectionLimiter limiter = new ConnectionLimiter(0, meters);
    assertThat(limiter.admit(first)).isTrue();

    limiter.lowerTo(1);
    limiter.lowerTo(5);

    assertThat(limiter.admit(second)).isFalse();
    assertThat(meters
            .get("gochat.connections.refused")
            .tag("reason", "limit")
            .counter()
            .count())
        .isEqualTo(1);
    first.close();
    assertThat(limiter.admit(second)).isTrue();
    assertThat(limiter.open()).isEqualTo(1);
  }

  @Test
  void the_last_connections_are_kept_for_this_machine_and_the_first_of_them_makes_room() {
    ConnectionLimiter limiter = new ConnectionLimiter(16, meters); // two of them are kept
    List<EmbeddedChannel> all = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      EmbeddedChannel each = new EmbeddedChannel(); // of no address: as if from loopback
      assertThat(limiter.admit(each)).isTrue();
      all.add(each);
    }

    assertThat(ConnectionLimiter.isKept(all.get(13))).isFalse();
    assertThat(all.subList(14, 17)).allMatch(ConnectionLimiter::isKept);
    assertThat(all.get(14).isOpen()).isFalse();
    assertThat(all.get(15).isOpen()).isTrue();
    assertThat(limiter.open()).isEqualTo(16);
  }

  @Test
  void an_address_has_no_more_than_its_own_until_one_of_them_closes() throws Exception {
    ConnectionLimiter limiter = new ConnectionLimiter(0, 2, meters);
    InetAddress here = InetAddress.getByName("192.0.2.1");

    assertThat(limiter.admit(first, here)).isTrue();
    assertThat(limiter.admit(second, here)).isTrue();
    assertThat(limiter.admit(new EmbeddedChannel(), here)).isFalse();
    assertThat(limiter.admit(new EmbeddedChannel(), InetAddress.getByName("192.0.2.2")))
        .isTrue();

    first.close();
    assertThat(limiter.admit(new EmbeddedChannel(), here)).isTrue();
    assertThat(meters
            .get("gochat.connections.refused")
            .tag("reason", "address")
            .counter()
            .count())
        .isEqualTo(1);
  }
}
