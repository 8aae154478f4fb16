package io.gochat.bench.crowd;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Hello;
import io.gochat.protocol.History;
import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Position;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameStreams;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.time.Duration;

/**
 * A member on the frame channel that asked for more than it takes. Once it reads, it wants everything in order, and comes
 * back with its position when it was cut off, as a client does. Confined to its event loop.
 */
final class FrameMember extends CrowdConnection {
  private static final int MAX_PAYLOAD = 1_048_576;
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(10);

  private final Crowd crowd;
  private final String token;
  private final long room;
  private final long last;
  private final int fetches;
  private FrameDecoder decoder = new FrameDecoder(MAX_PAYLOAD);
  private Position position = Position.getDefaultInstance();
  private int unanswered;
  private boolean refused;
  private boolean living;

  /**
   * Wants a room.
   *
   * @param last the sequence that it is owed up to
   * @param fetches so many reads of it; 0: joins it
   */
  FrameMember(Crowd crowd, AnswerCounts answers, String token, long room, long last, int fetches) {
    super(answers);
    this.crowd = crowd;
    this.token = token;
    this.room = room;
    this.last = last;
    this.fetches = fetches;
  }

  @Override
  boolean speaksFrames() {
    return true;
  }

  @Override
  byte[] opening() {
    decoder.close();
    decoder = new FrameDecoder(MAX_PAYLOAD);
    unanswered = fetches;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(FrameStreams.toBytes(ClientFrame.newBuilder()
        .setRequestId(1)
        .setHello(Hello.newBuilder().setToken(token).setClient("gochat-crowd/1"))
        .build()));
    if (fetches == 0) {
      bytes.writeBytes(join());
    }
    for (int i = 0; i < fetches; i++) {
      bytes.writeBytes(FrameStreams.toBytes(ClientFrame.newBuilder()
          .setRequestId(2 + i)
          .setFetch(Fetch.newBuilder().setTopic(topic()).setLimit(100))
          .build()));
    }
    return bytes.toByteArray();
  }

  private byte[] join() {
    return FrameStreams.toBytes(ClientFrame.newBuilder()
        .setRequestId(2)
        .setJoin(Join.newBuilder().setRoomId(room).setFrom(position.toBuilder().setTopic(topic())))
        .build());
  }

  private Topic topic() {
    return Topic.newBuilder().setRoomId(room).build();
  }

  @Override
  void received(ByteBuf in) throws Exception {
    decoder.feed(in.retainedDuplicate());
    for (ServerFrame frame = decoder.next(ServerFrame.parser());
        frame != null;
        frame = decoder.next(ServerFrame.parser())) {
      frame(frame);
    }
  }

  private void frame(ServerFrame frame) {
    switch (frame.getEventCase()) {
      case WELCOME -> {
        answers.add("Welcome");
        keepAlive();
      }
      case JOINED -> {
        position = position.toBuilder()
            .setEpoch(frame.getJoined().getResumed().getEpoch())
            .build();
        answers.add("Joined");
      }
      case DELIVERY -> delivered(frame.getDelivery());
      case HISTORY -> history(frame.getHistory());
      case GAP -> answers.add("Gap");
      case ERROR -> error(frame.getError());
      case GO_AWAY -> {
        refused = true;
        answers.add("GoAway " + frame.getGoAway().getReason());
      }
      default -> {
        // Presence and Pong.
      }
    }
  }

  private void keepAlive() {
    if (!living) {
      living = true;
      ping();
    }
  }

  /** Now, and again and again: who has everything waits for the others, and whoever is silent is sent away. */
  void ping() {
    if (!isLeaving()) {
      say(FrameStreams.toBytes(
          ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build()));
      crowd.later(SIGN_OF_LIFE, this::ping);
    }
  }

  private void delivered(Message message) {
    if (message.getTopic().getRoomId() != room) {
      return;
    }
    long expected = position.getSeq() + 1;
    if (message.getSeq() > expected) {
      answers.add("a hole in what was delivered");
    }
    if (message.getSeq() >= expected) {
      position = position.toBuilder()
          .setSeq(message.getSeq())
          .setMessageId(message.getMessageId())
          .build();
      if (message.getSeq() == last) {
        answers.add("got everything in order");
        settle();
      }
    }
  }

  private void history(History history) {
    boolean isWhole = history.getMessagesCount() > 0;
    for (int i = 0; i < history.getMessagesCount(); i++) {
      isWhole &= history.getMessages(i).getSeq() == history.getFirstSeq() + i;
    }
    answers.add(isWhole ? "History" : "History with a hole");
    answeredFetch();
  }

  private void error(Error error) {
    answers.add("Error " + error.getCode());
    if (error.getFatal()) {
      refused = true;
    } else if (fetches > 0) {
      answeredFetch();
    } else {
      crowd.later(RETRY, () -> say(join()));
    }
  }

  private void answeredFetch() {
    unanswered--;
    if (unanswered == 0) {
      settle();
    }
  }

  @Override
  void ended() {
    decoder.close();
    if (isSettled()) {
      return;
    }
    if (!heard() && !refused) {
      answers.add(AnswerCounts.SILENCE);
    }
    if (fetches > 0) {
      settle();
    } else {
      answers.add("came back");
      crowd.later(RETRY, () -> crowd.connect(this, () -> {}));
    }
    refused = false;
  }
}
