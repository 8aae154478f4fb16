package io.gochat.client;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Published;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameStreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server that does what a test tells it, over real sockets: for the faults that a right server never shows. Each
 * accepted connection waits in {@link #accept} to be played by the test's own thread. Thread-safe.
 */
final class ScriptedServer implements AutoCloseable {
  static final long USER = 7;
  static final long EPOCH = 1_000;
  private static final int DEADLINE_MS = 30_000;

  private final ServerSocket listening;
  private final BlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
  private final List<Peer> peers = new ArrayList<>();

  ScriptedServer() throws IOException {
    listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    Thread acceptor = new Thread(this::acceptAll, "scripted-server");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Options for a client of this server that reconnects quickly. */
  ClientOptionsBuilder options() {
    return ClientOptions.builder()
        .host("127.0.0.1")
        .port(port())
        .token("a token")
        .backoff(Duration.ofMillis(5), Duration.ofMillis(50));
  }

  /** The next connection. */
  Peer accept() throws InterruptedException {
    Peer peer = accepted.poll(DEADLINE_MS, TimeUnit.MILLISECONDS);
    if (peer == null) {
      throw new AssertionError("nobody connected");
    }
    return peer;
  }

  /** The next connection, greeted; its inbox starts at 1 unless it resumes from elsewhere. */
  Peer acceptAndWelcome() throws Exception {
    Peer peer = accept();
    peer.welcome();
    return peer;
  }

  /** Whether somebody connects within {@code ms}. */
  boolean isVisitedWithin(long ms) throws InterruptedException {
    Peer peer = accepted.poll(ms, TimeUnit.MILLISECONDS);
    if (peer != null) {
      accepted.add(peer);
    }
    return peer != null;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    synchronized (peers) {
      for (Peer peer : peers) {
        peer.close();
      }
    }
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = listening.accept();
        socket.setSoTimeout(DEADLINE_MS);
        socket.setTcpNoDelay(true);
        Peer peer = new Peer(socket);
        synchronized (peers) {
          peers.add(peer);
        }
        accepted.add(peer);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  /** One connection. Confined to the test's thread, but for {@link #close}. */
  static final class Peer implements AutoCloseable {
    private final Socket socket;

    Peer(Socket socket) {
      this.socket = socket;
    }

    /** The next frame that is no ping. */
    ClientFrame read() throws IOException, FrameException {
      while (true) {
        ClientFrame frame = readAny();
        if (frame.getCommandCase() != ClientFrame.CommandCase.PING) {
          return frame;
        }
      }
    }

    /** The next frame. */
    ClientFrame readAny() throws IOException, FrameException {
      ClientFrame frame = FrameStreams.read(socket.getInputStream(), ClientFrame.parser(), 65_536);
      if (frame == null) {
        throw new IOException("the client closed the connection");
      }
      return frame;
    }

    /** Whether the client closes, whatever it sends before. */
    boolean isClosedByClient() throws FrameException {
      try {
        while (FrameStreams.read(socket.getInputStream(), ClientFrame.parser(), 65_536) != null) {}
        return true;
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        return true;
      }
    }

    /** The next frame, which must be of this kind. */
    ClientFrame expect(ClientFrame.CommandCase kind) throws Exception {
      ClientFrame frame = read();
      if (frame.getCommandCase() != kind) {
        throw new AssertionError("expected " + kind + ", not " + frame.getCommandCase());
      }
      return frame;
    }

    void send(ServerFrame.Builder frame) throws IOException {
      FrameStreams.write(frame.build(), socket.getOutputStream());
    }

    void sendBytes(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    }

    /** Reads {@code Hello} and recognises whatever it resumes. */
    ClientFrame welcome() throws Exception {
      ClientFrame hello = expect(ClientFrame.CommandCase.HELLO);
      List<Resumed> resumed = new ArrayList<>();
      boolean inbox = false;
      for (var position : hello.getHello().getResumeList()) {
        inbox |= position.getTopic().hasUserId();
        resumed.add(resumed(
                Wire.topic(position.getTopic()), position.getEpoch(), position.getSeq() + 1, true)
            .build());
      }
      if (!inbox) {
        resumed.add(resumed(Topic.user(USER), EPOCH, 1, true).build());
      }
      welcome(hello, resumed);
      return hello;
    }

    void welcome(ClientFrame hello, List<Resumed> resumed) throws IOException {
      Welcome.Builder welcome = Welcome.newBuilder()
          .setUserId(USER)
          .setUsername("bob")
          .setHeartbeatMs(30_000)
          .setMaxFrameBytes(65_536)
          .addAllResumed(resumed);
      send(ServerFrame.newBuilder().setRequestId(hello.getRequestId()).setWelcome(welcome));
    }

    /** Answers the next frame but for acknowledgements, a join, with a start at {@code nextSeq}. */
    ClientFrame join(long nextSeq) throws Exception {
      ClientFrame join = read();
      while (join.getCommandCase() == ClientFrame.CommandCase.ACK) {
        join = read();
      }
      if (join.getCommandCase() != ClientFrame.CommandCase.JOIN) {
        throw new AssertionError("expected JOIN, not " + join.getCommandCase());
      }
      Joined.Builder joined = Joined.newBuilder()
          .setMemberCount(1)
          .setResumed(resumed(Topic.room(join.getJoin().getRoomId()), EPOCH, nextSeq, true));
      send(ServerFrame.newBuilder().setRequestId(join.getRequestId()).setJoined(joined));
      return join;
    }

    void deliver(Topic topic, long seq, long messageId, String text) throws IOException {
      send(ServerFrame.newBuilder()
          .setDelivery(io.gochat.protocol.Message.newBuilder()
              .setTopic(Wire.topic(topic))
              .setSeq(seq)
              .setMessageId(messageId)
              .setFromUserId(9)
              .setFromUserName("alice")
              .setText(text)));
    }

    void gap(Topic topic, long fromSeq, long toSeq, long epoch) throws IOException {
      send(ServerFrame.newBuilder()
          .setGap(io.gochat.protocol.Gap.newBuilder()
              .setTopic(Wire.topic(topic))
              .setFromSeq(fromSeq)
              .setToSeq(toSeq)
              .setEpoch(epoch)));
    }

    void published(ClientFrame publish, long seq, boolean duplicate) throws IOException {
      send(ServerFrame.newBuilder()
          .setRequestId(publish.getRequestId())
          .setPublished(
              Published.newBuilder().setMessageId(100 + seq).setSeq(seq).setDuplicate(duplicate)));
    }

    void error(ClientFrame to, ErrorCode code, int retryAfterMs, boolean fatal) throws IOException {
      send(ServerFrame.newBuilder()
          .setRequestId(to.getRequestId())
          .setError(io.gochat.protocol.Error.newBuilder()
              .setCode(code)
              .setMessage("said the script")
              .setRetryAfterMs(retryAfterMs)
              .setFatal(fatal)));
    }

    void goAway(GoAway.Reason reason, int reconnectAfterMs, boolean isFinal) throws IOException {
      send(ServerFrame.newBuilder()
          .setGoAway(GoAway.newBuilder()
              .setReason(reason)
              .setReconnectAfterMs(reconnectAfterMs)
              .setFinal(isFinal)));
    }

    /** Breaks the connection without a goodbye. */
    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  static Resumed.Builder resumed(
      @Nullable Topic topic, long epoch, long nextSeq, boolean recovered) {
    Resumed.Builder resumed = Resumed.newBuilder()
        .setEpoch(epoch)
        .setNextSeq(nextSeq)
        .setSeq(nextSeq - 1)
        .setRecovered(recovered);
    return topic == null ? resumed : resumed.setTopic(Wire.topic(topic));
  }
}
