package io.gochat.bench.crowd;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.crowd.BystanderNotices.Kind;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Position;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The bystander's frame connection: it is in a room, publishes into it, and comes back with its position when it is cut
 * off. Thread-safe; one thread of its own reads.
 */
final class BystanderChannel implements AutoCloseable {
  private static final int MAX_PAYLOAD = 1_048_576;
  private static final long PING_NS = TimeUnit.SECONDS.toNanos(10);
  private static final long READY_S = 30;

  private final InetSocketAddress server;
  private final HttpApi.User user;
  private final long room;
  private final BystanderNotices notices;
  private final AtomicLong requestIds = new AtomicLong(100);
  private final Map<Long, Long> unanswered = new ConcurrentHashMap<>();
  private final Set<Long> owed = ConcurrentHashMap.newKeySet();
  private final Set<Long> early = ConcurrentHashMap.newKeySet();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread reader = new Thread(this::readForEver, "bystander-read");
  private volatile @Nullable Socket socket;
  private volatile boolean closed;
  private Position position = Position.getDefaultInstance();
  private boolean joined;

  BystanderChannel(
      InetSocketAddress server, HttpApi.User user, long room, BystanderNotices notices) {
    this.server = server;
    this.user = user;
    this.room = room;
    this.notices = notices;
    reader.setDaemon(true);
  }

  /** The text of what was due then. */
  static String text(long dueNs) {
    return "due " + dueNs;
  }

  /** Connects; returns when the room is joined. */
  void start() throws InterruptedException, IOException {
    reader.start();
    if (!ready.await(READY_S, TimeUnit.SECONDS)) {
      throw new IOException("the bystander could not join its room in " + READY_S + " s");
    }
  }

  /** Publishes what was due then. One thread. */
  void publish(long dueNs) {
    long id = requestIds.incrementAndGet();
    unanswered.put(id, dueNs);
    if (!send(ClientFrame.newBuilder()
        .setRequestId(id)
        .setPublish(Publish.newBuilder().setTopic(topic()).setText(text(dueNs))))) {
      unanswered.remove(id);
      notices.failed();
      notices.took(Kind.PUBLISH, dueNs);
    }
  }

  /** Something that was due then was accepted, and must come. */
  void owed(long dueNs) {
    synchronized (owed) {
      if (!early.remove(dueNs)) {
        owed.add(dueNs);
      }
    }
  }

  /** Waits for answers and deliveries; what does not come is a failure that took until now. */
  void awaitEverything(long patienceNs) {
    long endNs = System.nanoTime() + patienceNs;
    while (!(unanswered.isEmpty() && owed.isEmpty()) && System.nanoTime() < endNs) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    unanswered.values().forEach(dueNs -> missed(Kind.PUBLISH, dueNs));
    owed.forEach(dueNs -> missed(Kind.DELIVERY, dueNs));
  }

  private void missed(Kind kind, long dueNs) {
    notices.failed();
    notices.took(kind, dueNs);
  }

  @Override
  public void close() {
    closed = true;
    closeSocket();
  }

  private void closeSocket() {
    Socket current = socket;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }

  private Topic topic() {
    return Topic.newBuilder().setRoomId(room).build();
  }

  private synchronized boolean send(ClientFrame.Builder frame) {
    Socket current = socket;
    if (current == null) {
      return false;
    }
    try {
      OutputStream out = current.getOutputStream();
      FrameStreams.write(frame.build(), out);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void readForEver() {
    while (!closed) {
      try (Socket fresh = new Socket()) {
        fresh.setTcpNoDelay(true);
        fresh.connect(server, (int) TimeUnit.SECONDS.toMillis(READY_S));
        socket = fresh;
        send(ClientFrame.newBuilder()
            .setRequestId(1)
            .setHello(Hello.newBuilder().setToken(user.token()).setClient("bystander/1")));
        Join.Builder join = Join.newBuilder().setRoomId(room);
        if (joined) {
          join.setFrom(position.toBuilder().setTopic(topic()));
        }
        send(ClientFrame.newBuilder().setRequestId(2).setJoin(join));
        read(fresh.getInputStream());
      } catch (IOException | FrameException e) {
        // Told below.
      }
      socket = null;
      if (!closed) {
        notices.failed();
        unanswered.keySet().forEach(this::failed);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }

  private void read(InputStream in) throws IOException, FrameException {
    long pingedNs = System.nanoTime();
    for (ServerFrame frame = FrameStreams.read(in, ServerFrame.parser(), MAX_PAYLOAD);
        frame != null;
        frame = FrameStreams.read(in, ServerFrame.parser(), MAX_PAYLOAD)) {
      handle(frame);
      if (System.nanoTime() - pingedNs > PING_NS) {
        pingedNs = System.nanoTime();
        send(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
      }
    }
  }

  private void handle(ServerFrame frame) {
    switch (frame.getEventCase()) {
      case JOINED -> {
        if (!joined) {
          position = Position.newBuilder()
              .setEpoch(frame.getJoined().getResumed().getEpoch())
              .setSeq(frame.getJoined().getResumed().getNextSeq() - 1)
              .build();
          joined = true;
        }
        ready.countDown();
      }
      case PUBLISHED -> {
        Long dueNs = unanswered.remove(frame.getRequestId());
        if (dueNs != null) {
          owed(dueNs);
          notices.took(Kind.PUBLISH, dueNs);
        }
      }
      case DELIVERY -> delivered(frame.getDelivery());
      case ERROR -> failed(frame.getRequestId());
      case GAP -> notices.failed();
      default -> {
        // Welcome, Pong, Presence; the end follows a GoAway.
      }
    }
  }

  private void failed(long requestId) {
    Long dueNs = unanswered.remove(requestId);
    if (dueNs != null) {
      missed(Kind.PUBLISH, dueNs);
    }
  }

  private void delivered(Message message) {
    if (message.getTopic().getRoomId() != room || message.getSeq() <= position.getSeq()) {
      return;
    }
    position = position.toBuilder()
        .setSeq(message.getSeq())
        .setMessageId(message.getMessageId())
        .build();
    long dueNs = Long.parseLong(message.getText().substring(4));
    notices.took(Kind.DELIVERY, dueNs);
    synchronized (owed) {
      if (!owed.remove(dueNs)) {
        early.add(dueNs);
      }
    }
  }
}
