package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.Limits;
import io.gochat.server.command.UnreadableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in JSON: what is taken, and what is not. */
class JsonReaderTest {
  private final JsonReader reader = new JsonReader(100_000);

  private ClientFrame read(String json) throws UnreadableException {
    return reader.read(json.getBytes(UTF_8));
  }

  @Test
  void a_publish_is_read() throws Exception {
    ClientFrame frame = read("{\"request_id\":4,\"publish\":{\"topic\":{\"room_id\":7},"
        + "\"text\":\"hi \\u263a\",\"client_message_id\":\"c-1\"}}");

    assertThat(frame.getRequestId()).isEqualTo(4);
    assertThat(frame.getPublish().getTopic().getRoomId()).isEqualTo(7);
    assertThat(frame.getPublish().getText()).isEqualTo("hi ☺");
    assertThat(frame.getPublish().getClientMessageId()).isEqualTo("c-1");
  }

  @Test
  void repeated_positions_are_read() throws Exception {
    ClientFrame frame = read("{\"hello\":{\"token\":\"t\",\"resume\":["
        + "{\"topic\":{\"user_id\":42},\"epoch\":9,\"seq\":5},{\"topic\":{\"room_id\":7}}]}}");

    assertThat(frame.getHello().getResumeList()).hasSize(2);
    assertThat(frame.getHello().getResume(0).getEpoch()).isEqualTo(9);
    assertThat(frame.getHello().getResume(1).getTopic().getRoomId()).isEqualTo(7);
  }

  @Test
  void unknown_members_are_passed_over_at_any_depth() throws Exception {
    ClientFrame frame =
        read("{\"later\":{\"a\":[1.5,null,{}]},\"join\":{\"room_id\":7,\"colour\":\"red\"}}");

    assertThat(frame.getJoin().getRoomId()).isEqualTo(7);
  }

  @Test
  void a_command_that_is_not_known_is_unset() throws Exception {
    assertThat(read("{\"request_id\":5,\"fly\":{}}").getCommandCase())
        .isEqualTo(CommandCase.COMMAND_NOT_SET);
  }

  @Test
  void an_id_of_zero_is_absent() throws Exception {
    ClientFrame frame = read("{\"publish\":{\"topic\":{\"room_id\":0,\"user_id\":42}}}");

    assertThat(frame.getPublish().getTopic().getUserId()).isEqualTo(42);
  }

  @Test
  void the_largest_id_is_taken() throws Exception {
    assertThat(read("{\"join\":{\"room_id\":" + Limits.MAX_ID + "}}").getJoin().getRoomId())
        .isEqualTo(Limits.MAX_ID);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|not an object",
        "7|not an object",
        "null|not an object",
        "{|not valid JSON",
        "{\"ping\":{}} {}|text after the object",
        "{\"ping\":{}}x|not valid JSON",
        "{'ping':{}}|not valid JSON",
        "{\"ping\":{},}|not valid JSON",
        "{\"ping\":{},\"ping\":{}}|a key is given twice",
        "{\"later\":{\"a\":1,\"a\":2}}|a key is given twice",
        "{\"ping\":{},\"leave\":{\"room_id\":7}}|leave: not alone",
        "{\"publish\":{\"topic\":{\"room_id\":7,\"user_id\":8}}}|publish.topic.user_id: not alone",
        "{\"ping\":null}|ping: not an object",
        "{\"ping\":[]}|ping: not an object",
        "{\"request_id\":\"4\"}|request_id: not an integer",
        "{\"request_id\":null}|request_id: not an integer",
        "{\"join\":{\"room_id\":1.5}}|join.room_id: not an integer",
        "{\"join\":{\"room_id\":7.0}}|join.room_id: not an integer",
        "{\"join\":{\"room_id\":1e3}}|join.room_id: not an integer",
        "{\"join\":{\"room_id\":-1}}|join.room_id: not an integer",
        "{\"join\":{\"room_id\":9007199254740992}}|join.room_id: not an integer",
        "{\"join\":{\"room_id\":99999999999999999999999}}|join.room_id: not an integer",
        "{\"join\":{\"room_id\":07}}|not valid JSON",
        "{\"fetch\":{\"limit\":4294967296}}|fetch.limit: not an integer",
        "{\"publish\":{\"text\":7}}|publish.text: not a string",
        "{\"publish\":{\"text\":null}}|publish.text: not a string",
        "{\"hello\":{\"resume\":{}}}|hello.resume: not an array",
        "{\"hello\":{\"resume\":[7]}}|hello.resume: not an object",
        "{\"publish\":{\"text\":\"\\ud800\"}}|surrogate",
        "{\"publish\":{\"text\":\"\\udc00\\ud800\"}}|surrogate",
        "{\"publish\":{\"text\":\"\\x\"}}|not valid JSON",
        "{\"request_id\":NaN}|not valid JSON"
      })
  void what_is_no_command_is_refused(String json, String why) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(UnreadableException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00ff", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u0000", "\u0001"})
  void bytes_that_are_no_text_are_refused(String bytes) {
    byte[] json = ("{\"publish\":{\"text\":\"" + bytes + "\"}}").getBytes(ISO_8859_1);

    assertThatThrownBy(() -> reader.read(json)).isInstanceOf(UnreadableException.class);
  }

  @Test
  void what_is_too_deep_is_refused() {
    String json = "{\"later\":" + "[".repeat(100) + "]".repeat(100) + "}";

    assertThatThrownBy(() -> read(json)).hasMessageContaining("too deep");
  }

  @Test
  void nothing_that_was_sent_is_quoted() {
    assertThatThrownBy(() -> read("{\"hello\":{\"token\":\"secret\",\"token\":\"secret\"}}"))
        .hasMessageNotContaining("secret");
  }
}
