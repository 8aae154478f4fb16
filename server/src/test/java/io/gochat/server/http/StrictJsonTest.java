package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.json.StrictText;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  private static final int MAX_BYTES = 100_000;
  private static final Map<String, Field> KNOWN = Map.of(
      "msg", Field.MSG, "room_id", Field.ROOM_ID, "inbox", Field.INBOX, "token", Field.TOKEN);

  private final StrictJson json = new StrictJson(MAX_BYTES);

  private RequestFields read(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return json.read(bytes, bytes.length, KNOWN);
  }

  private void assertRefused(ErrorKind kind, byte[] bytes) {
    assertThatThrownBy(() -> json.read(bytes, bytes.length, KNOWN))
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertThat(refused.kind()).isEqualTo(kind));
  }

  @Test
  void known_fields_are_read_and_the_others_skipped() {
    RequestFields body =
        read("{\"x\":[{\"msg\":1}],\"msg\":\"a\\u00e9\\ud83d\\ude00\\\\ud800\",\"room_id\":"
            + "9007199254740991,\"inbox\":true,\"y\":null}");

    assertThat(body.text(Field.MSG)).isEqualTo("aé\uD83D\uDE00\\ud800");
    assertThat(body.number(Field.ROOM_ID)).isEqualTo(9007199254740991L);
    assertThat(body.flag(Field.INBOX)).isTrue();
    assertThat(body.has(Field.TOKEN)).isFalse();
    assertThat(body.textOrNull(Field.TOKEN)).isNull();
    assertThat(body.text(Field.TOKEN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"x\"",
        "5",
        "{",
        "{}x",
        "{}{}",
        "{} {}",
        "{},",
        "{}\u0000",
        "\uFEFF{}",
        "{'msg':\"a\"}",
        "{msg:\"a\"}",
        "{\"msg\":\"a\",}",
        "{\"msg\":\"a\"",
        "{\"msg\":\"a}",
        "{\"msg\":\"a\tb\"}",
        "{\"msg\":\"a\\x\"}",
        "{\"msg\":\"\\u12\"}",
        "{\"x\":\"\\u12g4\"}",
        "{\"msg\":\"a\",\"msg\":\"b\"}",
        "{\"x\":1,\"x\":1}",
        "{\"x\":{\"y\":{\"z\":1,\"z\":2}}}",
        "{\"msg\":\"a\",\"m\\u0073g\":\"b\"}",
        "{\"x\":01}",
        "{\"x\":+1}",
        "{\"x\":.5}",
        "{\"x\":1.}",
        "{\"x\":NaN}",
        "{\"x\":Infinity}",
        "{\"x\":tru}",
        "{\"x\":nul}",
        "{\"x\":1 2}",
        "{\"x\":[1,]}",
        "{\"x\" 1}",
        "{/**/}",
        "{}//",
        "{\"x\":\"\\ud800\"}",
        "{\"x\":\"\\udc00\"}",
        "{\"x\":\"\\ud800\\ud800\"}",
        "{\"x\":\"\\ud800x\"}",
        "{\"x\":\"\\uDC00\\uD800\"}",
        "{\"\\ud800\":1}",
        "{\"x\":\"\\ud83d\\\\ude00\"}",
        "{\"msg\":\"\\uDBFF\"}"
      })
  void what_is_not_strict_json_is_malformed(String text) {
    assertRefused(ErrorKind.MALFORMED_JSON, text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"room_id\":1.5}",
        "{\"room_id\":1.0}",
        "{\"room_id\":1e3}",
        "{\"room_id\":\"5\"}",
        "{\"room_id\":true}",
        "{\"room_id\":null}",
        "{\"room_id\":[5]}",
        "{\"room_id\":{}}",
        "{\"room_id\":-1}",
        "{\"room_id\":9007199254740992}",
        "{\"room_id\":9223372036854775807}",
        "{\"room_id\":9223372036854775808}",
        "{\"room_id\":-9223372036854775809}",
        "{\"room_id\":18446744073709551617}",
        "{\"room_id\":100000000000000000000000000000000}",
        "{\"msg\":5}",
        "{\"msg\":null}",
        "{\"msg\":true}",
        "{\"msg\":[\"a\"]}",
        "{\"inbox\":1}",
        "{\"inbox\":\"true\"}",
        "{\"inbox\":null}"
      })
  void nothing_is_taken_for_what_it_is_not(String text) {
    assertRefused(ErrorKind.INVALID_ARGUMENT, text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // a continuation alone
        "c3", // cut off by the end of the text
        "c0af", // overlong
        "c1bf",
        "e080af",
        "f08080af",
        "eda080", // a surrogate
        "edbfbf",
        "f4908080", // beyond U+10FFFF
        "f5808080",
        "ff",
        "fe",
        "c328", // not continued
        "e2821c",
        "f09f9820"
      })
  void bytes_that_are_not_utf_8_are_malformed_wherever_they_are(String hex) {
    for (String place : new String[] {"{\"msg\":\"#\"}", "{\"#\":1}", "{\"x\":[\"#\"]}"}) {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      int at = place.indexOf('#');
      text.writeBytes(place.substring(0, at).getBytes(UTF_8));
      text.writeBytes(HexFormat.of().parseHex(hex));
      text.writeBytes(place.substring(at + 1).getBytes(UTF_8));

      assertRefused(ErrorKind.MALFORMED_JSON, text.toByteArray());
    }
  }

  @Test
  void utf_16_is_not_guessed() {
    assertRefused(ErrorKind.MALFORMED_JSON, "{\"msg\":\"a\"}".getBytes(UTF_16LE));
  }

  @Test
  void depth_is_bounded() {
    assertThat(read("{\"x\":" + "[".repeat(50) + "]".repeat(50) + "}").has(Field.MSG))
        .isFalse();
    assertRefused(
        ErrorKind.MALFORMED_JSON,
        ("{\"x\":" + "[".repeat(45_000) + "]".repeat(45_000) + "}").getBytes(UTF_8));
    assertRefused(ErrorKind.MALFORMED_JSON, "[".repeat(90_000).getBytes(UTF_8));
    assertRefused(ErrorKind.MALFORMED_JSON, "{\"a\":".repeat(18_000).getBytes(UTF_8));
  }

  @Test
  void numbers_and_keys_of_absurd_length_are_malformed() {
    assertRefused(
        ErrorKind.MALFORMED_JSON, ("{\"room_id\":" + "9".repeat(50_000) + "}").getBytes(UTF_8));
    assertRefused(ErrorKind.MALFORMED_JSON, ("{\"" + "k".repeat(50_000) + "\":1}").getBytes(UTF_8));
  }

  @Test
  void many_keys_of_strangers_do_no_harm() {
    StringBuilder text = new StringBuilder("{\"msg\":\"a\"");
    for (int i = 0; text.length() < MAX_BYTES - 100; i++) {
      text.append(",\"k").append(i).append("\":").append(i);
    }

    for (int round = 0; round < 20; round++) {
      assertThat(read(text + "}").text(Field.MSG)).isEqualTo("a");
    }
  }

  @Test
  void the_look_at_utf_8_agrees_with_the_decoder_of_the_platform() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int[] edges = {0x20, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5};
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(6)];
      for (int i = 0; i < bytes.length; i++) {
        int edge = edges[random.nextInt(edges.length)];
        bytes[i] = (byte) (random.nextBoolean() ? edge : 0x20 + random.nextInt(0xE0));
        bytes[i] = bytes[i] == '\\' ? (byte) 'x' : bytes[i];
      }
      boolean isMark = bytes.length >= 3
          && (bytes[0] & 0xFF) == 0xEF
          && (bytes[1] & 0xFF) == 0xBB
          && (bytes[2] & 0xFF) == 0xBF;

      assertThat(StrictText.problemIn(bytes, bytes.length) == null)
          .as("seed %d, bytes %s", seed, HexFormat.of().formatHex(bytes))
          .isEqualTo(isValidUtf8(bytes) && !isMark);
    }
  }

  private static boolean isValidUtf8(byte[] bytes) {
    try {
      UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
