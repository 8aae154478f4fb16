package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.gochat.server.contract.OpenApiContract;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A socket, and just enough HTTP to see every byte that comes back. */
final class RawHttp implements AutoCloseable {
  private static final int READ_TIMEOUT_MS = 30_000;

  private final Socket socket;
  private final InputStream in;

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** A response as it came; header names in lower case. */
  record Response(int status, String statusLine, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return String.join("|", headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
    }

    boolean has(String name) {
      return headers.containsKey(name.toLowerCase(Locale.ROOT));
    }
  }

  static RawHttp connect(int port) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(READ_TIMEOUT_MS);
      return new RawHttp(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that takes a few KB and no more until it is read. */
  static RawHttp connectNarrow(int port) {
    try {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(2_048);
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return new RawHttp(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String request(String method, String path, String body, String... headers) {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: test\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (!body.isEmpty()) {
      head.append("Content-Length: ").append(body.getBytes(UTF_8).length).append("\r\n");
    }
    return head + "\r\n" + body;
  }

  RawHttp send(String text) {
    return send(text.getBytes(UTF_8));
  }

  RawHttp send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends and reads the one response. */
  Response call(String method, String path, String body, String... headers) {
    Response response = send(request(method, path, body, headers)).read(method.equals("HEAD"));
    OpenApiContract.check(
        method, path, response.status(), response.header("Content-Type"), response.body());
    return response;
  }

  Response post(String path, String body, String... headers) {
    return call("POST", path, body, headers);
  }

  Response get(String path, String... headers) {
    return call("GET", path, "", headers);
  }

  /** Shuts our side: the server sees the end of the stream. */
  RawHttp endOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether something has come that was not read. */
  boolean hasInput() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Response read() {
    return read(false);
  }

  /** Reads one response; {@code isHead}: without a body, whatever its length says. */
  Response read(boolean isHead) {
    try {
      String statusLine = readLine();
      Map<String, List<String>> headers = new LinkedHashMap<>();
      for (String line = readLine(); !line.isEmpty(); line = readLine()) {
        int colon = line.indexOf(':');
        headers
            .computeIfAbsent(
                line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
            .add(line.substring(colon + 1).trim());
      }
      int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
      List<String> lengths = headers.getOrDefault("content-length", List.of("0"));
      int length = isHead ? 0 : Integer.parseInt(lengths.get(0));
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("the body ends after " + body.length + " of " + length);
      }
      return new Response(status, statusLine, headers, new String(body, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the end of the stream and returns what came before it. */
  String readToEnd() {
    try {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the stream ends within a line: " + line.toString(ISO_8859_1));
      }
      line.write(b);
    }
    String text = line.toString(ISO_8859_1);
    if (!text.endsWith("\r")) {
      throw new IOException("a line without CR: " + text);
    }
    return text.substring(0, text.length() - 1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
