package io.gochat.bench.verify;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameHeader;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads along what passes the proxy, to prove what the SDK hides: that the server really sent messages again, and that
 * publishes really came twice. Thread-safe; each {@link Line} is confined to its connection's event loop.
 */
final class WireTap {
  private final Map<String, Set<String>> seen = new ConcurrentHashMap<>();
  private final AtomicLong deliveries = new AtomicLong();
  private final AtomicLong redeliveries = new AtomicLong();
  private final AtomicLong duplicateAnswers = new AtomicLong();
  private final AtomicLong resumes = new AtomicLong();
  private final AtomicLong goAways = new AtomicLong();

  /** Deliveries that the server sent to the same device at least a second time. */
  long redeliveries() {
    return redeliveries.get();
  }

  /** Deliveries that the server sent. */
  long deliveries() {
    return deliveries.get();
  }

  /** Publishes over frames that were answered as duplicates. */
  long duplicateAnswers() {
    return duplicateAnswers.get();
  }

  /** {@code Hello}s that carried a position. */
  long resumes() {
    return resumes.get();
  }

  /** {@code GoAway}s that the server sent. */
  long goAways() {
    return goAways.get();
  }

  /** A tap for one connection. */
  Line line() {
    return new Line();
  }

  /** Both directions of one connection. */
  final class Line {
    private final Direction fromClient = new Direction();
    private final Direction fromServer = new Direction();
    private volatile String device = "";

    /** The device id in the client's {@code Hello}; empty while unknown, and for HTTP. */
    String device() {
      return device;
    }

    /** Bytes from the client; not consumed, not kept. */
    void fromClient(ByteBuf bytes) {
      fromClient.feed(bytes, this::clientFrame);
    }

    /** Bytes from the server; not consumed, not kept. */
    void fromServer(ByteBuf bytes) {
      fromServer.feed(bytes, this::serverFrame);
    }

    /** The connection is gone: gives back what was held. */
    void close() {
      fromClient.close();
      fromServer.close();
    }

    private void clientFrame(ByteBuf payload) throws InvalidProtocolBufferException {
      if (!device.isEmpty()) {
        return;
      }
      ClientFrame frame = ClientFrame.parseFrom(payload.nioBuffer());
      if (frame.hasHello()) {
        device = frame.getHello().getDeviceId();
        if (frame.getHello().getResumeCount() > 0) {
          resumes.incrementAndGet();
        }
      }
    }

    private void serverFrame(ByteBuf payload) throws InvalidProtocolBufferException {
      ServerFrame frame = ServerFrame.parseFrom(payload.nioBuffer());
      switch (frame.getEventCase()) {
        case DELIVERY -> delivered(frame.getDelivery());
        case PUBLISHED -> {
          if (frame.getPublished().getDuplicate()) {
            duplicateAnswers.incrementAndGet();
          }
        }
        case GO_AWAY -> goAways.incrementAndGet();
        default -> {
          // Nothing to count.
        }
      }
    }

    private void delivered(Message message) {
      deliveries.incrementAndGet();
      Topic topic = message.getTopic();
      String name = topic.hasRoomId() ? "room " + topic.getRoomId() : "inbox " + topic.getUserId();
      Set<String> ofDevice = seen.computeIfAbsent(device, key -> ConcurrentHashMap.newKeySet());
      if (!ofDevice.add(name + " " + message.getMessageId())) {
        redeliveries.incrementAndGet();
      }
    }
  }

  /** Cuts one direction's bytes into frames; gives up quietly on what is not the frame channel. */
  private static final class Direction {
    private final FrameDecoder decoder = new FrameDecoder(FrameHeader.MAX_LENGTH);
    private boolean ignored;

    void feed(ByteBuf bytes, FrameReader reader) {
      if (ignored) {
        return;
      }
      decoder.feed(bytes.retainedDuplicate());
      try {
        for (ByteBuf payload = decoder.nextPayload();
            payload != null;
            payload = decoder.nextPayload()) {
          reader.read(payload);
        }
      } catch (FrameException | InvalidProtocolBufferException e) {
        close();
      }
    }

    void close() {
      ignored = true;
      decoder.close();
    }
  }

  @FunctionalInterface
  private interface FrameReader {
    void read(ByteBuf payload) throws InvalidProtocolBufferException;
  }
}
