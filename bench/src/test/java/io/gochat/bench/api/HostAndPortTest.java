package io.gochat.bench.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {
  @ParameterizedTest
  @CsvSource({
    "localhost:8080,         localhost, 8080",
    "http://localhost:8080,  localhost, 8080",
    "http://localhost:8080/, localhost, 8080",
    "127.0.0.1:1,            127.0.0.1, 1",
    "[::1]:8080,             ::1,       8080",
  })
  void one_form_with_or_without_http_is_read(String text, String host, int port) {
    HostAndPort read = HostAndPort.parse(text);

    assertThat(read).isEqualTo(new HostAndPort(host, port));
    assertThat(HostAndPort.parse(read.toString())).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "host:",
        ":80",
        "host:99999",
        "host:0",
        "https://host:1",
        "a b:1",
        "host:1/x"
      })
  void anything_else_is_refused_with_a_sentence(String text) {
    assertThatThrownBy(() -> HostAndPort.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--attach");
  }
}
