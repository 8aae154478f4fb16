package io.gochat.server.websocket;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Serves a conformance suite until it is killed; skipped but for {@code -Dgochat.echo.port} (CONTRIBUTING.md). */
class EchoServerTest {
  @Test
  @EnabledIfSystemProperty(
      named = "gochat.echo.port",
      matches = "\\d+",
      disabledReason = "a server for Autobahn's cases: -Dgochat.echo.port")
  void echoes_until_it_is_killed() throws Exception {
    EchoServer.main(new String[] {System.getProperty("gochat.echo.port", "")});
  }
}
