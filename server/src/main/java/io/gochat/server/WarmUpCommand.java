package io.gochat.server;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code warm-up}: starts a server on a temporary directory, uses it once over HTTP and frames, and stops. The launcher
 * runs it after a build so that the JVM can write down which classes a start needs; that halves every later start.
 */
@Command(name = "warm-up", description = "Starts, serves one user, stops.", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final int TIMEOUT_MS = 30_000;

  @Override
  public Integer call() throws StartException, IOException {
    Path directory = Files.createTempDirectory("gochat-warm-up");
    try {
      ServerConfig config = ServerFlags.parse(
          "--host=127.0.0.1",
          "--port=0",
          "--bcrypt-cost=4",
          "--max-connections=100",
          "--min-free-disk=0",
          "--data-dir=" + directory);
      try (Server server = Server.start(config)) {
        use(server.port());
        String ready = ReadyLine.of(config, server.port());
        return ready.isEmpty() ? 1 : 0;
      }
    } finally {
      delete(directory);
    }
  }

  private static void use(int port) throws IOException {
    String user = "{\"username\":\"warm\",\"password\":\"up\"}";
    post(port, "/user/register", user);
    Matcher token = TOKEN.matcher(post(port, "/user/login", user));
    if (!token.find()) {
      throw new IOException("no token");
    }
    String message = "{\"msg\":\"x\",\"to_user_id\":0,\"to_user_name\":\"\",\"from_user_id\":0,"
        + "\"from_user_name\":\"\",\"room_id\":1,\"token\":\"" + token.group(1) + "\"}";
    post(port, "/push/pushRoom", message);
    hello(port, token.group(1));
  }

  private static String post(int port, String path, String body) throws IOException {
    try (Socket socket = connect(port)) {
      String request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
          + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
          + body;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void hello(int port, String token) throws IOException {
    byte[] hello = ClientFrame.newBuilder()
        .setRequestId(1)
        .setHello(Hello.newBuilder().setToken(token))
        .build()
        .toByteArray();
    try (Socket socket = connect(port)) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(0x01 << 24 | hello.length);
      out.write(hello);
      InputStream in = socket.getInputStream();
      if (in.read() != 0x01) {
        throw new IOException("no Welcome");
      }
    }
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
    return socket;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(WarmUpCommand::deleteOne);
    }
  }

  private static void deleteOne(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
