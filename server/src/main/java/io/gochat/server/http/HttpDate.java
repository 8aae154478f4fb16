package io.gochat.server.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code Date} header line, formatted once per second. Thread-safe: a race formats it twice, to the same end. */
final class HttpDate {
  private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
          "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
      .withZone(ZoneOffset.UTC);

  private final InstantSource clock;
  private volatile Line line;

  HttpDate(InstantSource clock) {
    this.clock = clock;
    this.line = Line.of(clock.millis() / 1_000);
  }

  /** The whole line, CRLF included; not to be written to. */
  byte[] line() {
    long second = clock.millis() / 1_000;
    Line current = line;
    if (current.second != second) {
      current = Line.of(second);
      line = current;
    }
    return current.bytes;
  }

  private static final class Line {
    final long second;
    final byte[] bytes;

    private Line(long second, byte[] bytes) {
      this.second = second;
      this.bytes = bytes;
    }

    static Line of(long second) {
      String date = FORMAT.format(Instant.ofEpochSecond(second));
      return new Line(second, ("Date: " + date + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }
  }
}
