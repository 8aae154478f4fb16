package io.gochat.bench.hooks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** An endpoint that does as little as one can: counts what it takes. Thread-safe. */
final class HookSink implements AutoCloseable {
  private static final byte[] TAKEN =
      "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int BACKLOG = 128;

  private final ServerSocket server =
      new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong taken = new AtomicLong();
  private boolean isHanging; // guarded by this

  HookSink() throws IOException {
    daemon(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** From now on no request is answered. */
  synchronized void hang() {
    isHanging = true;
  }

  /** All that hang are answered, and what comes at once. */
  synchronized void goOn() {
    isHanging = false;
    notifyAll();
  }

  private synchronized void awaitTurn() throws InterruptedException {
    while (isHanging) {
      wait();
    }
  }

  long taken() {
    return taken.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        open.add(socket);
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "hook-sink");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
      OutputStream out = socket.getOutputStream();
      while (skipRequest(in)) {
        awaitTurn();
        taken.incrementAndGet();
        out.write(TAKEN);
      }
    } catch (InterruptedException | IOException e) {
      // the server left
    } finally {
      open.remove(socket);
    }
  }

  private static boolean skipRequest(InputStream in) throws IOException {
    int length = 0;
    StringBuilder line = new StringBuilder(128);
    while (true) {
      int next = in.read();
      if (next < 0) {
        return false;
      }
      if (next != '\n') {
        line.append((char) next);
      } else if (line.length() <= 1) {
        in.skipNBytes(length);
        return true;
      } else {
        if (line.length() > 15 && line.substring(0, 15).equalsIgnoreCase("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
        line.setLength(0);
      }
    }
  }

  @Override
  public void close() throws IOException {
    goOn();
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
