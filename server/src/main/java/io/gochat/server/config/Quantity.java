package io.gochat.server.config;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations and sizes as people write them. Stateless. */
public final class Quantity {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");
  private static final Map<String, Duration> TIME_UNITS = Map.of(
      "ms", Duration.ofMillis(1),
      "s", Duration.ofSeconds(1),
      "m", Duration.ofMinutes(1),
      "h", Duration.ofHours(1),
      "d", Duration.ofDays(1));
  private static final Map<String, Integer> SIZE_SHIFTS =
      Map.of("", 0, "B", 0, "K", 10, "KB", 10, "M", 20, "MB", 20, "G", 30, "GB", 30, "T", 40);

  private Quantity() {}

  /** {@code 500ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 30d}, and {@code 0}. */
  public static final class OfTime implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      Matcher parts = NUMBER_AND_UNIT.matcher(value.strip());
      if (parts.matches()) {
        long number = Long.parseLong(parts.group(1));
        Duration unit = TIME_UNITS.get(parts.group(2));
        if (unit != null && number <= Duration.ofDays(100_000).dividedBy(unit)) {
          return unit.multipliedBy(number);
        }
        if (number == 0 && parts.group(2).isEmpty()) {
          return Duration.ZERO;
        }
      }
      throw new TypeConversionException(
          "'" + value + "' is not a duration like 500ms, 30s, 5m, 24h or 30d");
    }
  }

  /** {@code 65536}, {@code 64KB}, {@code 64MB}, {@code 2GB}; a KB is 1,024 bytes. */
  public static final class OfBytes implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      Matcher parts = NUMBER_AND_UNIT.matcher(value.strip());
      if (parts.matches()) {
        long number = Long.parseLong(parts.group(1));
        Integer shift = SIZE_SHIFTS.get(parts.group(2));
        if (shift != null && number <= Long.MAX_VALUE >> shift) {
          return number << shift;
        }
      }
      throw new TypeConversionException(
          "'" + value + "' is not a size like 65536, 64KB, 64MB or 2GB");
    }
  }
}
