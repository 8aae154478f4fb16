package io.gochat.bench.api;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where a running server is, in the one form that all tools take: {@code host:port}, or the same behind
 * {@code http://}. Immutable.
 *
 * @param host a name or an address, without brackets
 */
public record HostAndPort(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:http://)?(\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):([0-9]{1,5})/?");
  private static final int LAST_PORT = 65_535;

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when it is something else; the message is for the user
   */
  public static HostAndPort parse(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException("--attach wants host:port, not " + text);
    }
    int port = Integer.parseInt(parts.group(2));
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("--attach: no such port: " + port);
    }
    return new HostAndPort(parts.group(1).replaceAll("[\\[\\]]", ""), port);
  }

  /** The name looked up. */
  public InetSocketAddress resolved() {
    return new InetSocketAddress(host, port);
  }

  /** As it was written. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** For options. */
  public static final class Converter implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
