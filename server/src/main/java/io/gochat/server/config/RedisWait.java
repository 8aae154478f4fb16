package io.gochat.server.config;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What replicas must have before a publish is answered. Immutable.
 *
 * @param replicas how many of them; 0: none
 * @param within how long they may take
 */
public record RedisWait(int replicas, Duration within) {
  /** Nobody is waited for. */
  public static final RedisWait NONE = new RedisWait(0, Duration.ofSeconds(1));

  /** {@code 1}, {@code 2/500ms}. */
  static final class OfText implements ITypeConverter<RedisWait> {
    @Override
    public RedisWait convert(String value) {
      int slash = value.indexOf('/');
      String replicas = slash < 0 ? value : value.substring(0, slash);
      if (!replicas.matches("[0-9]")) {
        throw new TypeConversionException(
            "'" + value + "' is not a number of replicas from 0 to 9, like 1 or 1/500ms");
      }
      Duration within =
          slash < 0 ? NONE.within : new Quantity.OfTime().convert(value.substring(slash + 1));
      if (within.toMillis() < 1) {
        throw new TypeConversionException("'" + value + "' waits for less than a millisecond");
      }
      return new RedisWait(Integer.parseInt(replicas), within);
    }
  }
}
