package io.gochat.server.webhook;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** Somebody else's server, on a real socket, that behaves as badly as it is told to. Thread-safe. */
public final class ReceivingEndpoint implements AutoCloseable {
  public static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Pattern TEXT = Pattern.compile("\"msg\":\"([^\"]*)\"");

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  public final List<Received> received = new CopyOnWriteArrayList<>();
  public final AtomicInteger connections = new AtomicInteger();
  private volatile Function<Received, Answer> behaviour = any -> Answer.status(200);

  /** What came. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Received(String target, Map<String, String> headers, byte[] body, long atNanos) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String id() {
      return headers.getOrDefault("webhook-id", "");
    }

    public String message() {
      Matcher matcher = TEXT.matcher(text());
      return matcher.find() ? matcher.group(1) : "";
    }

    public String type() {
      return text().replaceFirst(".*?\"type\":\"([^\"]*)\".*", "$1");
    }

    /** Whether one of the signatures is by this secret. */
    public boolean isSignedBy(String secret) {
      String expected = Secret.parse(secret)
          .sign(id(), Long.parseLong(headers.getOrDefault("webhook-timestamp", "0")), body);
      return List.of(headers.getOrDefault("webhook-signature", "").split(" ")).contains(expected);
    }
  }

  /** What is written, and what happens then. */
  public record Answer(String bytes, Then then) {
    public enum Then {
      KEEP,
      CLOSE,
      RESET,
      HANG
    }

    public static Answer status(int status, String... headers) {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\ncontent-length: 0\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      return new Answer(head.append("\r\n").toString(), Then.KEEP);
    }

    public static Answer raw(String bytes, Then then) {
      return new Answer(bytes, then);
    }
  }

  private ReceivingEndpoint(ServerSocket server) {
    this.server = server;
    daemon(this::accept);
  }

  public static ReceivingEndpoint start() throws IOException {
    return start(ServerSocketFactory.getDefault());
  }

  public static ReceivingEndpoint start(ServerSocketFactory sockets) throws IOException {
    return new ReceivingEndpoint(
        sockets.createServerSocket(0, 100, InetAddress.getLoopbackAddress()));
  }

  public void behave(Function<Received, Answer> next) {
    behaviour = next;
  }

  public int port() {
    return server.getLocalPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port() + "/hook";
  }

  /** This endpoint, as a file of webhooks names it. */
  public String asJson(String name, String event) {
    return "{\"name\":\"" + name + "\",\"url\":\"" + url() + "\",\"secrets\":[\"" + SECRET
        + "\"],\"events\":[\"" + event + "\"],\"allow_private\":true}";
  }

  /** The texts of what came, each event once, in the order of its first try that was not refused. */
  public List<String> messages() {
    return received.stream().map(Received::message).distinct().toList();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        open.add(socket);
        daemon(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "receiving-endpoint");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Received request = read(in);
        if (request == null) {
          return;
        }
        received.add(request);
        Answer answer = behaviour.apply(request);
        socket.getOutputStream().write(answer.bytes().getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        switch (answer.then()) {
          case KEEP -> {}
          case CLOSE -> {
            return;
          }
          case RESET -> {
            socket.setSoLinger(true, 0);
            return;
          }
          case HANG -> {
            in.read(); // until the other side has had enough
            return;
          }
        }
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // the other side left, or does not speak HTTP
    } finally {
      open.remove(socket);
    }
  }

  private static @Nullable Received read(InputStream in) throws IOException {
    String line = line(in);
    if (line == null) {
      return null;
    }
    String target = line.split(" ", -1)[1];
    Map<String, String> headers = new HashMap<>();
    for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT),
          header.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    return new Received(target, headers, body, System.nanoTime());
  }

  private static @Nullable String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
