package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
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
    assertThat(meters.get("gochat.connections.refused").counter().count()).isEqualTo(1);
    first.close();
    assertThat(limiter.admit(second)).isTrue();
    assertThat(limiter.open()).isEqualTo(1);
  }
}
