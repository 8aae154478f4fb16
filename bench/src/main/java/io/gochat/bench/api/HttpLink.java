package io.gochat.bench.api;

import io.gochat.bench.common.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One blocking keep-alive HTTP connection, for the calls that are not themselves the load. Not thread-safe. The JDK's
 * own client cannot choose its source address before Java 19, and limits per address are what registration meets first.
 */
public final class HttpLink implements AutoCloseable {
  private static final int TIMEOUT_MS = 30_000;
  private static final int MAX_LINE = 8192;

  private final InetSocketAddress server;
  private final @Nullable InetSocketAddress source;
  private final Layer layer;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();

  /** Connects on first use; {@code source} null: any address. */
  public HttpLink(InetSocketAddress server, @Nullable InetSocketAddress source) {
    this(server, source, connected -> connected);
  }

  /** The same, through what lies on the connection. */
  public HttpLink(InetSocketAddress server, @Nullable InetSocketAddress source, Layer layer) {
    this.server = server;
    this.source = source;
    this.layer = layer;
  }

  /** What lies on a connection, such as TLS. */
  @FunctionalInterface
  public interface Layer {
    /** The socket to speak to, over one that is connected. */
    Socket over(Socket connected) throws IOException;
  }

  /**
   * An answer. Immutable.
   *
   * @param status HTTP
   * @param retryAfterSeconds 0: none given
   */
  public record Answer(int status, int retryAfterSeconds, String body) {
    /** The body's fields. */
    public Map<String, @Nullable Object> json() throws IOException {
      return Json.readObject(body);
    }
  }

  /** Posts JSON; connects anew once when the kept connection turns out to be closed. */
  public Answer post(String path, Map<String, @Nullable Object> body) throws IOException {
    byte[] content = Json.line(body).getBytes(StandardCharsets.UTF_8);
    return repeated(
        "POST " + path + " HTTP/1.1\r\nHost: " + name()
            + "\r\nContent-Type: application/json\r\nContent-Length: " + content.length
            + "\r\n\r\n",
        content);
  }

  /** Gets; connects anew like {@link #post}. */
  public Answer get(String path) throws IOException {
    return repeated("GET " + path + " HTTP/1.1\r\nHost: " + name() + "\r\n\r\n", new byte[0]);
  }

  private Answer repeated(String head, byte[] content) throws IOException {
    boolean wasOpen = socket != null;
    try {
      return exchange(head.getBytes(StandardCharsets.US_ASCII), content);
    } catch (IOException e) {
      close();
      if (!wasOpen) {
        throw e;
      }
      return exchange(head.getBytes(StandardCharsets.US_ASCII), content);
    }
  }

  @Override
  public void close() {
    Socket current = socket;
    socket = null;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }

  private Answer exchange(byte[] head, byte[] content) throws IOException {
    Socket current = connected();
    ByteArrayOutputStream request = new ByteArrayOutputStream(head.length + content.length);
    request.write(head);
    request.write(content);
    current.getOutputStream().write(request.toByteArray());
    String statusLine = line();
    if (statusLine.length() < 12) {
      throw new IOException("no HTTP answer from " + name());
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    int length = 0;
    int retryAfter = 0;
    boolean isClosing = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      String value = lower.substring(lower.indexOf(':') + 1).strip();
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(value);
      } else if (lower.startsWith("retry-after:")) {
        retryAfter = Integer.parseInt(value);
      } else if (lower.startsWith("connection:") && value.equals("close")) {
        isClosing = true;
      }
    }
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    if (isClosing) {
      close();
    }
    return new Answer(status, retryAfter, body);
  }

  private String name() {
    return server.getAddress().getHostAddress() + ":" + server.getPort();
  }

  private Socket connected() throws IOException {
    Socket current = socket;
    if (current == null) {
      current = new Socket();
      if (source != null) {
        current.bind(source);
      }
      current.setTcpNoDelay(true);
      current.setSoTimeout(TIMEOUT_MS);
      current.connect(server, TIMEOUT_MS);
      current = layer.over(current);
      in = new BufferedInputStream(current.getInputStream());
      socket = current;
    }
    return current;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.length() > MAX_LINE) {
        throw new IOException("the HTTP answer of " + name() + " was cut off");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }
}
