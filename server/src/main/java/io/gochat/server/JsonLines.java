package io.gochat.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import io.gochat.server.json.QuotedText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** One JSON object a line: {@code time}, {@code level}, {@code thread}, {@code logger}, {@code message}, {@code error}. Thread-safe. */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
          "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
      .withZone(ZoneOffset.UTC);
  private static final byte[] NOTHING = {};

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(256).append('{');
    QuotedText.append(line, "time", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
    QuotedText.append(line.append(','), "level", event.getLevel().toString());
    QuotedText.append(line.append(','), "thread", event.getThreadName());
    QuotedText.append(line.append(','), "logger", event.getLoggerName());
    QuotedText.append(line.append(','), "message", String.valueOf(event.getFormattedMessage()));
    if (event.getThrowableProxy() != null) {
      String stack = ThrowableProxyUtil.asString(event.getThrowableProxy());
      QuotedText.append(line.append(','), "error", stack.strip());
    }
    return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }
}
