package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HttpErrorsTest {
  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void every_kind_has_one_form(ErrorKind kind) {
    Reply reply = HttpErrors.reply(Endpoint.PUSH, kind, "de\"tail", 1_500);

    assertThat(text(reply.body())).matches("\\{\"code\":400,\"error\":\"[^\"]+: de\\\\\"tail\"}");
    assertThat(text(reply.head()))
        .startsWith("HTTP/1.1 " + Status.of(kind).code() + " ")
        .contains("\r\nX-Error-Code: " + kind.word() + "\r\n")
        .contains("\r\nAccess-Control-Allow-Origin: *\r\n")
        .endsWith("\r\n");
    assertThat(reply.error()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({
    "TOO_MANY,0,1",
    "TOO_MANY,1,1",
    "TOO_MANY,1000,1",
    "TOO_MANY,1001,2",
    "OVERLOADED,59999,60",
    "STORE_UNAVAILABLE,500,1",
    "OVERLOADED,2147483647,2147484",
    "INVALID_ARGUMENT,5000,0",
    "INTERNAL,5000,0"
  })
  void retry_after_is_in_whole_seconds_and_only_where_trying_again_helps(
      ErrorKind kind, int retryAfterMs, int expectedS) {
    assertThat(HttpErrors.reply(Endpoint.PUSH, kind, "", retryAfterMs).retryAfterS())
        .isEqualTo(expectedS);
  }
}
