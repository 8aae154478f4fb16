package io.gochat.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between client and server and breaks connections: so that the request has arrived and the answer has not, or
 * neither. Thread-safe.
 */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listening;
  private final ExecutorService pumps = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile int serverPort;
  private volatile boolean swallowAnswers;

  CuttingProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    pumps.execute(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Where new connections go: a restarted server has another port. */
  void serverPort(int port) {
    serverPort = port;
  }

  /** From now on what the server says gets lost, until the next {@link #cut}. */
  void swallowAnswers() {
    swallowAnswers = true;
  }

  /** Breaks every connection. */
  void cut() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    swallowAnswers = false;
    cuts.incrementAndGet();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
    pumps.shutdownNow();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        try {
          Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
          open.add(client);
          open.add(server);
          pumps.execute(() -> pump(client, server, false));
          pumps.execute(() -> pump(server, client, true));
        } catch (IOException e) {
          client.close();
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[8_192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (!(answers && swallowAnswers)) {
          out.write(buffer, 0, n);
          out.flush();
        }
      }
    } catch (IOException e) {
      // Cut.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }
}
