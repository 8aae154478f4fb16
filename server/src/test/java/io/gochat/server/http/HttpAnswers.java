package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.util.ArrayList;
import java.util.List;

/** What every answer looks like, whatever it says. */
final class HttpAnswers {
  static final String OK = "{\"code\":200}";

  private HttpAnswers() {}

  static void assertSuccess(Response response, String body, String... moreHeaders) {
    assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
    assertThat(response.body()).isEqualTo(body);
    List<String> headers = new ArrayList<>(List.of(
        "content-type",
        "access-control-allow-origin",
        "date",
        "x-content-type-options",
        "content-length"));
    headers.addAll(List.of(moreHeaders));
    assertThat(response.headers().keySet()).containsExactlyInAnyOrderElementsOf(headers);
    assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(response.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
  }

  static void assertFailure(Response response, int status, String word, String error) {
    assertThat(response.status()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).isEqualTo("{\"code\":400,\"error\":\"" + error + "\"}");
    assertThat(response.header("X-Error-Code")).isEqualTo(word);
    assertThat(response.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(response.header("Access-Control-Expose-Headers"))
        .isEqualTo("X-Error-Code, Retry-After");
  }

  /** The next answer says that it is the last, and is. */
  static void assertClosedAfter(RawHttp http, int status) {
    Response response = http.read();
    assertThat(response.status()).as(response.body()).isEqualTo(status);
    assertThat(response.header("Connection")).isEqualTo("close");
    assertThat(http.readToEnd()).isEmpty();
  }
}
