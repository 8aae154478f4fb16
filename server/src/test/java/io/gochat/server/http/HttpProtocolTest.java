package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.net.ConnectionProtocol.Match;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the first bytes say. */
class HttpProtocolTest {
  @TempDir
  static Path directory;

  @AutoClose
  private static HttpFixture node;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
  }

  private static Match match(String head) {
    ByteBuf bytes = Unpooled.copiedBuffer("##" + head, US_ASCII).skipBytes(2);
    Match match = node.protocol().match(bytes);
    assertThat(bytes.readerIndex()).isEqualTo(2);
    bytes.release();
    return match;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"})
  void a_method_is_recognised_once_its_space_has_come_and_not_before(String method) {
    for (int length = 1; length <= method.length(); length++) {
      assertThat(match(method.substring(0, length))).isEqualTo(Match.NEED_MORE);
    }
    assertThat(match(method + " ")).isEqualTo(Match.YES);
    assertThat(match(method + " /user/login HTTP/1.1")).isEqualTo(Match.YES);
    assertThat(match(method + "X")).isEqualTo(Match.NO);
    assertThat(match(method + "\r\n")).isEqualTo(Match.NO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get ", "X", "PRI * HTTP/2.0", "\u0001", " GET ", "\r\nGET ", "POSE"})
  void what_cannot_become_a_method_is_not_http(String head) {
    assertThat(match(head)).isEqualTo(Match.NO);
  }
}
