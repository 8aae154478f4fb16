package io.gochat.server.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Position;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.ServerFrame.EventCase;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameStreams;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A frame client for tests: a blocking socket, and nothing that hides what is on it. Answers are found by request id;
 * what comes in between is kept, in order, for {@link #push()}. Belongs to one thread. Waits at most thirty seconds.
 */
public final class FrameTestClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 30_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final Queue<ServerFrame> pushes = new ArrayDeque<>();
  private long lastRequestId;

  private FrameTestClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 65_536);
    this.out = socket.getOutputStream();
  }

  /** Connects to a port of this machine. */
  public static FrameTestClient connect(int port) {
    return connect(port, 0);
  }

  /** The same with a small receive window, so that not reading is felt soon; 0: the system's. */
  public static FrameTestClient connect(int port, int receiveBytes) {
    try {
      Socket socket = new Socket();
      if (receiveBytes > 0) {
        socket.setReceiveBufferSize(receiveBytes);
      }
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      return new FrameTestClient(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On a socket that is connected already, perhaps through TLS. */
  public static FrameTestClient on(Socket connected) {
    try {
      connected.setSoTimeout(TIMEOUT_MS);
      return new FrameTestClient(connected);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The topic of a room. */
  public static Topic room(long roomId) {
    return Topic.newBuilder().setRoomId(roomId).build();
  }

  /** The topic of an inbox. */
  public static Topic inbox(long userId) {
    return Topic.newBuilder().setUserId(userId).build();
  }

  /** A position. */
  public static Position position(Topic topic, long epoch, long seq) {
    return Position.newBuilder().setTopic(topic).setEpoch(epoch).setSeq(seq).build();
  }

  // ---- commands ----

  /** Signs in without device and positions. */
  public Welcome hello(String token) {
    return hello(Hello.newBuilder().setToken(token));
  }

  /** Signs in. */
  public Welcome hello(Hello.Builder hello) {
    ServerFrame answer = call(ClientFrame.newBuilder().setHello(hello));
    assertThat(answer.hasWelcome()).as("%s", answer).isTrue();
    return answer.getWelcome();
  }

  /** Why a Hello with this token is refused. */
  public ErrorCode refusedHello(String token) {
    long hello = post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(token)));
    return answer(hello).getError().getCode();
  }

  /** Joins from now on. */
  public Joined join(long roomId) {
    return join(Join.newBuilder().setRoomId(roomId));
  }

  /** Joins. */
  public Joined join(Join.Builder join) {
    ServerFrame answer = call(ClientFrame.newBuilder().setJoin(join));
    assertThat(answer.hasJoined()).as("%s", answer).isTrue();
    return answer.getJoined();
  }

  /** Leaves. */
  public ServerFrame leave(long roomId) {
    return call(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setRoomId(roomId)));
  }

  /** Publishes without a client message id; the answer may be an error. */
  public ServerFrame publish(Topic topic, String text) {
    return publish(topic, text, "");
  }

  /** Publishes; the answer may be an error. */
  public ServerFrame publish(Topic topic, String text, String clientMessageId) {
    return call(publishing(topic, text, clientMessageId));
  }

  /** A publish, for {@link #post}. */
  public static ClientFrame.Builder publishing(Topic topic, String text, String clientMessageId) {
    return ClientFrame.newBuilder()
        .setPublish(
            Publish.newBuilder().setTopic(topic).setText(text).setClientMessageId(clientMessageId));
  }

  /** Acknowledges; epoch 0 is not checked. */
  public ServerFrame ack(Topic topic, long seq, long epoch) {
    return call(ClientFrame.newBuilder()
        .setAck(Ack.newBuilder().setTopic(topic).setSeq(seq).setEpoch(epoch)));
  }

  /** Fetches. */
  public ServerFrame fetch(Topic topic, long afterSeq, int limit) {
    return call(ClientFrame.newBuilder()
        .setFetch(Fetch.newBuilder().setTopic(topic).setAfterSeq(afterSeq).setLimit(limit)));
  }

  /** Asks for a room's members. */
  public ServerFrame roomInfo(long roomId) {
    return call(
        ClientFrame.newBuilder().setGetRoomInfo(GetRoomInfo.newBuilder().setRoomId(roomId)));
  }

  /** Sends a command with the next request id and waits for its answer. */
  public ServerFrame call(ClientFrame.Builder command) {
    return answer(post(command));
  }

  /** Sends a command with the next request id, which is returned. */
  public long post(ClientFrame.Builder command) {
    send(command.setRequestId(++lastRequestId).build());
    return lastRequestId;
  }

  /** Sends a frame as it is. */
  public void send(ClientFrame frame) {
    sendBytes(FrameStreams.toBytes(frame));
  }

  /** Sends bytes. */
  public void sendBytes(byte... bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- what comes ----

  /** The answer to a request; what comes before it is kept. */
  public ServerFrame answer(long requestId) {
    for (ServerFrame kept : pushes) {
      if (kept.getRequestId() == requestId) {
        pushes.remove(kept);
        return kept;
      }
    }
    while (true) {
      ServerFrame frame = read();
      if (frame == null) {
        throw new AssertionError("the connection ended before the answer to " + requestId);
      }
      if (frame.getRequestId() == requestId) {
        return frame;
      }
      pushes.add(frame);
    }
  }

  /** The next frame, in the order of the wire; null: the server closed. */
  public @Nullable ServerFrame next() {
    ServerFrame kept = pushes.poll();
    return kept != null ? kept : read();
  }

  /** The next frame that is not presence; the connection must not end before it. */
  public ServerFrame push() {
    while (true) {
      ServerFrame frame = next();
      if (frame == null) {
        throw new AssertionError("the connection ended");
      }
      if (!frame.hasPresence()) {
        return frame;
      }
    }
  }

  /** The next frame that is not presence, which must be a delivery. */
  public Message delivery() {
    ServerFrame frame = push();
    assertThat(frame.getEventCase()).as("%s", frame).isEqualTo(EventCase.DELIVERY);
    return frame.getDelivery();
  }

  /** The next delivery; before it nothing but presence and empty gaps, which tell a new epoch to who lost nothing. */
  public Message deliveryOfAnyEpoch() {
    ServerFrame frame = push();
    while (frame.hasGap() && frame.getGap().getFromSeq() > frame.getGap().getToSeq()) {
      frame = push();
    }
    assertThat(frame.getEventCase()).as("%s", frame).isEqualTo(EventCase.DELIVERY);
    return frame.getDelivery();
  }

  /** So many deliveries, and nothing else but presence. */
  public List<Message> deliveries(int count) {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(delivery());
    }
    return messages;
  }

  /** Reads until the goodbye, which must be followed by the end of the connection or by answers and then the end. */
  public GoAway goodbye() {
    GoAway found = null;
    for (ServerFrame frame = next(); frame != null; frame = next()) {
      if (frame.hasGoAway()) {
        found = frame.getGoAway();
      }
    }
    if (found == null) {
      throw new AssertionError("the connection ended without GoAway");
    }
    return found;
  }

  /** Everything until the server closes. */
  public List<ServerFrame> rest() {
    List<ServerFrame> frames = new ArrayList<>();
    for (ServerFrame frame = next(); frame != null; frame = next()) {
      frames.add(frame);
    }
    return frames;
  }

  /** Proves that nothing else is on its way: what is sent now is answered next. */
  public void expectNothing() {
    ServerFrame pong = call(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
    assertThat(pong.hasPong()).isTrue();
    pushes.removeIf(ServerFrame::hasPresence);
    assertThat(pushes).isEmpty();
  }

  private @Nullable ServerFrame read() {
    try {
      return FrameStreams.read(in, ServerFrame.parser(), Limits.MAX_OUTBOUND_FRAME_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FrameException e) {
      throw new AssertionError("the server broke the framing", e);
    }
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
