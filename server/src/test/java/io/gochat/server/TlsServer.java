package io.gochat.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.config.ServerFlags;
import io.gochat.testing.TestCertificates;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A server with a certificate, and sockets to it; closed together. Belongs to one test thread. */
final class TlsServer implements AutoCloseable {
  private static final int TIMEOUT_MS = 30_000;

  static final TestCertificates AUTHORITY = new TestCertificates();
  static final X509Bundle PAIR = AUTHORITY.server();
  static final SSLContext TRUSTING = AUTHORITY.context(null);

  private final Path directory;
  private final List<Socket> sockets = new ArrayList<>();
  private @Nullable Server server;

  TlsServer(Path directory) {
    this.directory = directory;
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (server != null) {
      server.close();
    }
  }

  void startWithoutCertificate() throws Exception {
    server = Server.start(ServerFlags.parse(flags()));
  }

  /** Starts it with its certificate. */
  void start(String... more) throws Exception {
    List<String> flags = new ArrayList<>(List.of(more));
    flags.addAll(List.of(TestCertificates.write(PAIR, directory)));
    server = Server.start(ServerFlags.parse(flags(flags.toArray(String[]::new))));
  }

  Server running() {
    return Objects.requireNonNull(server);
  }

  String[] flags(String... more) {
    List<String> flags = new ArrayList<>(List.of(
        "--host=127.0.0.1",
        "--port=0",
        "--min-free-disk=0",
        "--bcrypt-cost=4",
        "--data-dir=" + directory.resolve("data")));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  SSLSocket tls() throws IOException {
    return tls(TRUSTING, wire(false));
  }

  SSLSocket tls(SSLContext context, Socket through) throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(through, "localhost", 1, true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(TIMEOUT_MS);
    sockets.add(socket);
    return socket;
  }

  Wire wire(boolean byteByByte) throws IOException {
    Wire wire = new Wire(byteByByte);
    sockets.add(wire);
    wire.setTcpNoDelay(true);
    wire.setSoTimeout(TIMEOUT_MS);
    wire.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), running().port()), TIMEOUT_MS);
    return wire;
  }

  String login(String name) throws IOException {
    String body = "{\"username\":\"" + name + "\",\"password\":\"secret\"}";
    assertThat(post(tls(), "/user/register", body)).startsWith("HTTP/1.1 200");
    return post(tls(), "/user/login", body).replaceFirst("(?s).*\"token\":\"([^\"]+)\".*", "$1");
  }

  void assertServes() throws IOException {
    assertThat(get(tls(), "/healthz")).startsWith("HTTP/1.1 200");
  }

  double refused(String reason) throws IOException {
    String line = "gochat_sniff_refused_total{reason=\"" + reason + "\"}";
    return get(wire(false), "/metrics")
        .lines()
        .filter(each -> each.startsWith(line))
        .mapToDouble(each -> Double.parseDouble(each.substring(line.length())))
        .sum();
  }

  static String get(Socket socket, String path) throws IOException {
    return answer(
        socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  static String post(Socket socket, String path, String body) throws IOException {
    return answer(
        socket,
        "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
            + body.length() + "\r\n\r\n" + body);
  }

  static String answer(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(UTF_8));
    socket.getOutputStream().flush();
    return readAll(socket);
  }

  /** Everything up to the end of the stream. */
  static String readAll(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8_192];
    try {
      for (int n = socket.getInputStream().read(buffer);
          n >= 0;
          n = socket.getInputStream().read(buffer)) {
        all.write(buffer, 0, n);
      }
    } catch (SocketException e) {
      if (all.size() == 0) {
        return ""; // a reset is an end as well
      }
      throw e;
    }
    return all.toString(UTF_8);
  }

  /** A socket that remembers what came, and can send each byte by itself. */
  static final class Wire extends Socket {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final boolean byteByByte;

    Wire(boolean byteByByte) {
      this.byteByByte = byteByByte;
    }

    String received() {
      return received.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int b = super.read();
          if (b >= 0) {
            received.write(b);
          }
          return b;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
          int n = super.read(into, from, length);
          if (n > 0) {
            received.write(into, from, n);
          }
          return n;
        }
      };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          if (!byteByByte) {
            out.write(bytes, from, length);
            return;
          }
          for (int i = 0; i < length; i++) {
            out.write(bytes[from + i]);
          }
        }
      };
    }
  }
}
