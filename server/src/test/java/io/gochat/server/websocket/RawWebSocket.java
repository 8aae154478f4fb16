package io.gochat.server.websocket;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client for tests that hides nothing: every frame is made and read byte by byte, over a blocking socket.
 * Belongs to one thread. Waits at most twenty seconds.
 */
public final class RawWebSocket implements AutoCloseable {
  private static final int TIMEOUT_MS = 30_000;
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /** What came: a frame of the server. */
  public static final class Frame {
    final int first;
    final byte[] payload;

    Frame(int first, byte[] payload) {
      this.first = first;
      this.payload = payload;
    }

    /** Its kind. */
    public int opcode() {
      return first & 0x0F;
    }

    /** As text. */
    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a Close; 1005: none. */
    public int closeCode() {
      return payload.length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
    }

    @Override
    public String toString() {
      return opcode() == Opcode.CLOSE ? "Close " + closeCode() : opcode() + " " + text();
    }
  }

  private RawWebSocket(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /** Connected, and nothing sent. */
  public static RawWebSocket connect(int port) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      return new RawWebSocket(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connected and upgraded, with the subprotocol; empty: none is asked for. */
  public static RawWebSocket open(int port, String subprotocol) {
    return connect(port).upgraded(subprotocol);
  }

  /** Upgraded, on a socket that is connected, and may lie in TLS. */
  public static RawWebSocket on(Socket socket, String subprotocol) throws IOException {
    return new RawWebSocket(socket).upgraded(subprotocol);
  }

  private RawWebSocket upgraded(String subprotocol) {
    String head = request(handshake("GET", "/ws", subprotocol, ""));
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError(head);
    }
    return this;
  }

  /** The text of a handshake. */
  public static String handshake(String method, String path, String subprotocol, String more) {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: " + KEY + "\r\n"
        + (more.contains("Sec-WebSocket-Version") ? "" : "Sec-WebSocket-Version: 13\r\n")
        + (subprotocol.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n")
        + more + "\r\n";
  }

  /** Sends a request and reads the head of its answer. */
  public String request(String request) {
    sendBytes(request.getBytes(StandardCharsets.ISO_8859_1));
    StringBuilder head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return head.toString();
        }
        head.append((char) next);
      }
      return head.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a whole text message. */
  public void text(String text) {
    frame(0x80 | Opcode.TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a frame with a mask. */
  public void frame(int first, byte... payload) {
    sendBytes(bytes(first, true, payload));
  }

  /** The bytes of a frame. */
  public static byte[] bytes(int first, boolean masked, byte... payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(first);
    int mask = masked ? 0x80 : 0;
    if (payload.length < 126) {
      frame.write(mask | payload.length);
    } else if (payload.length <= 0xFFFF) {
      frame.write(mask | 126);
      frame.write(payload.length >>> 8);
      frame.write(payload.length);
    } else {
      frame.write(mask | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) payload.length >>> shift));
      }
    }
    byte[] key = {0x11, 0x22, (byte) 0xF3, 0x44};
    if (masked) {
      frame.writeBytes(key);
    }
    for (int i = 0; i < payload.length; i++) {
      frame.write(masked ? payload[i] ^ key[i % 4] : payload[i]);
    }
    return frame.toByteArray();
  }

  /** Sends bytes as they are. */
  public void sendBytes(byte... bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame; null: the server closed the connection. */
  public @Nullable Frame next() {
    try {
      int first = in.read();
      if (first < 0) {
        return null;
      }
      int length = in.readUnsignedByte();
      if (length > 127) {
        throw new AssertionError("a masked frame from the server");
      }
      long real = length == 127 ? in.readLong() : length == 126 ? in.readUnsignedShort() : length;
      byte[] payload = in.readNBytes((int) real);
      if (payload.length < real) {
        throw new EOFException();
      }
      return new Frame(first, payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next text that is not presence. */
  public String nextText() {
    while (true) {
      Frame frame = next();
      if (frame == null || frame.opcode() != Opcode.TEXT) {
        throw new AssertionError("not a text: " + frame);
      }
      if (!frame.text().startsWith("{\"presence\"")) {
        return frame.text();
      }
    }
  }

  /** Reads on to the Close of the server, which must come; what came before is passed over. */
  public Frame goodbye() {
    for (Frame frame = next(); frame != null; frame = next()) {
      if (frame.opcode() == Opcode.CLOSE) {
        return frame;
      }
    }
    throw new AssertionError("the connection ended without Close");
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
