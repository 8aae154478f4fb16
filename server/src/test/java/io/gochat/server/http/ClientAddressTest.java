package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.net.TrustedProxies;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private final TrustedProxies proxies = TrustedProxies.parse(List.of("10.0.0.0/8", "fd00::/8"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1|203.0.113.7|203.0.113.7",
        "10.0.0.1|198.51.100.1, 203.0.113.7|203.0.113.7",
        "10.0.0.1|203.0.113.7, 10.0.0.2|203.0.113.7",
        "10.0.0.1|203.0.113.7,10.0.0.2 , 10.0.0.3|203.0.113.7",
        "10.0.0.1|10.0.0.2|10.0.0.2",
        "10.0.0.1|2001:db8::1|2001:db8::1",
        "fd00::1|2001:db8::1|2001:db8::1",
        "10.0.0.1|203.0.113.7:51234|203.0.113.7",
        "10.0.0.1|[2001:db8::1]:51234|2001:db8::1",
        "10.0.0.1|[2001:db8::1]|2001:db8::1",
        "10.0.0.1|203.0.113.7, 10.0.0.2:80|203.0.113.7",
        "10.0.0.1|203.0.113.7:|10.0.0.1",
        "10.0.0.1|203.0.113.7:x|10.0.0.1",
        "10.0.0.1|[2001:db8::1]x|10.0.0.1",
        "10.0.0.1|[]|10.0.0.1",
        "10.0.0.1|203.0.113.7, unknown|10.0.0.1",
        "10.0.0.1|localhost|10.0.0.1",
        "10.0.0.1|''|10.0.0.1",
        "10.0.0.1|,|10.0.0.1",
        "192.0.2.1|203.0.113.7|192.0.2.1"
      })
  void the_last_address_that_a_trusted_proxy_vouches_for_counts(
      String peer, String forwardedFor, String client) throws Exception {
    assertThat(ClientAddress.of(InetAddress.getByName(peer), forwardedFor, proxies))
        .isEqualTo(InetAddress.getByName(client));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "for=203.0.113.7|203.0.113.7",
        "for=203.0.113.7;proto=http;by=10.0.0.1|203.0.113.7",
        "For=\"[2001:db8::1]:4711\"|2001:db8::1",
        "for=198.51.100.1, for=203.0.113.7:80, For=10.0.0.2|203.0.113.7",
        "for=203.0.113.7, for=_hidden|10.0.0.1",
        "for=203.0.113.7, for=unknown|10.0.0.1",
        "for=203.0.113.7, proto=https|10.0.0.1",
        "by=203.0.113.7|10.0.0.1",
        ";=,|10.0.0.1"
      })
  void the_standard_header_says_the_same(String forwarded, String client) throws Exception {
    InetAddress peer = InetAddress.getByName("10.0.0.1");

    assertThat(ClientAddress.of(peer, ClientAddress.forwardedFor(forwarded), proxies))
        .isEqualTo(InetAddress.getByName(client));
  }

  @Test
  void without_the_header_the_peer_counts() throws Exception {
    InetAddress peer = InetAddress.getByName("10.0.0.1");

    assertThat(ClientAddress.of(peer, null, proxies)).isEqualTo(peer);
  }
}
