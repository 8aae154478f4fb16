package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "192.168.1.128/25, 192.168.1.127, false",
    "192.168.1.128/25, 192.168.1.200, true",
    "192.168.1.5, 192.168.1.5, true",
    "192.168.1.5, 192.168.1.4, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "::1, ::1, true",
    "fd00::/8, fd12:3456::1, true",
    "fd00::/8, fe80::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false"
  })
  void an_address_is_trusted_when_a_network_holds_it(
      String network, String address, boolean trusted) throws UnknownHostException {
    TrustedProxies proxies = TrustedProxies.parse(List.of("172.16.0.0/12", network));

    assertThat(proxies.trusts(InetAddress.getByName(address))).isEqualTo(trusted);
  }

  @Test
  void nobody_is_trusted_by_default() {
    assertThat(TrustedProxies.parse(List.of()).trusts(InetAddress.getLoopbackAddress()))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "proxy.example",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "::1/129",
        "10.0.0/8/8"
      })
  void what_is_no_network_is_refused_by_name(String entry) {
    assertThatThrownBy(() -> TrustedProxies.parse(List.of(entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(": " + entry);
  }
}
