package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FlatJsonTest {
  @Test
  void strings_numbers_and_words_are_read() {
    String text =
        " { \"code\" : 200, \"user_id\":123,\"token\":\"a\\\"b\\u00e9\\n\" , \"x\":null} ";

    assertThat(FlatJson.parse(text))
        .isEqualTo(Map.of("code", "200", "user_id", "123", "token", "a\"bé\n", "x", "null"));
    assertThat(FlatJson.parse("{}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "}",
        "[]",
        "{\"a\":{}}",
        "{\"a\":[1]}",
        "{\"a\"}",
        "{\"a\":1,}",
        "{\"a\":1} x",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\uzzzz\"}",
        "{\"a\":\"b",
        "nothing"
      })
  void anything_else_is_refused(String text) {
    assertThatThrownBy(() -> FlatJson.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void what_is_written_is_read_back() {
    Map<String, String> fields = Map.of("password", "\" \\ \u0001 \u2028 é 😀 /");

    assertThat(FlatJson.parse(FlatJson.object(fields))).isEqualTo(fields);
  }
}
