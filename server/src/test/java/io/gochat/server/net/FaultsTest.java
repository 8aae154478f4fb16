package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

class FaultsTest {
  @Test
  void a_reset_and_bytes_that_are_no_tls_are_of_the_peer() {
    assertThat(Faults.isOfThePeer(new IOException("Connection reset by peer"))).isTrue();
    assertThat(Faults.isOfThePeer(new DecoderException(new SSLException("bad record MAC"))))
        .isTrue();
  }

  @Test
  void a_bug_is_not_of_the_peer_whatever_it_comes_in() {
    assertThat(Faults.isOfThePeer(new IllegalStateException("a bug"))).isFalse();
    assertThat(Faults.isOfThePeer(new DecoderException(new IllegalStateException("a bug"))))
        .isFalse();
    assertThat(Faults.isOfThePeer(new DecoderException("without a cause"))).isFalse();
    assertThat(Faults.isOfThePeer(new OutOfMemoryError("no direct memory"))).isFalse();
  }
}
