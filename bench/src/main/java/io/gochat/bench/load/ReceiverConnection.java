package io.gochat.bench.load;

import io.gochat.protocol.Gap;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One receiving connection: says hello, joins its room (or takes its inbox), and checks every delivery. Confined to its
 * event loop, except for {@link #ready()}.
 */
final class ReceiverConnection extends ChannelInboundHandlerAdapter implements FrameReader.Sink {
  private final ReceiverLoop loop;
  private final LoadClock clock;
  private final TopicPlan topic;
  private final UserPool.User user;
  private final FrameReader reader = new FrameReader();
  private final CompletableFuture<Integer> ready = new CompletableFuture<>();

  private @Nullable ChannelHandlerContext ctx;
  private @Nullable SequenceCheck check;
  private long readNs;
  private int heartbeatMs;
  private boolean closing;
  private String farewell = "";

  ReceiverConnection(ReceiverLoop loop, LoadClock clock, TopicPlan topic, UserPool.User user) {
    this.loop = loop;
    this.clock = clock;
    this.topic = topic;
    this.user = user;
  }

  /** Done, with the server's heartbeat in ms, when its topic is being delivered. */
  CompletableFuture<Integer> ready() {
    return ready;
  }

  /** How many sequences up to {@code lastSeq} have not come. On the loop. */
  long behind(long lastSeq) {
    return check == null || closing ? 0 : Math.max(0, lastSeq - check.expected() + 1);
  }

  /** The topic whose end it is measured against. */
  TopicPlan topic() {
    return topic;
  }

  /** The run is over: what is missing is counted, an inbox acknowledged, and the connection closed. On the loop. */
  void finish(long lastSeq) {
    closing = true;
    ChannelHandlerContext context = ctx;
    if (check != null) {
      check.ended(lastSeq);
    }
    if (context == null || !context.channel().isActive()) {
      return;
    }
    if (topic.isInbox() && check != null && check.expected() > 1) {
      // Otherwise the next run would be handed all of this one again.
      context.writeAndFlush(
          Unpooled.wrappedBuffer(ClientFrames.ack(0, topic.id(), check.expected() - 1)));
    }
    context.close();
  }

  /** Keeps the connection alive. On the loop. */
  void ping() {
    ChannelHandlerContext context = ctx;
    if (context != null && context.channel().isActive()) {
      context.writeAndFlush(Unpooled.wrappedBuffer(ClientFrames.ping()));
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ctx = context;
    context.write(Unpooled.wrappedBuffer(ClientFrames.hello(1, user.token())));
    if (!topic.isInbox() && topic.id() != 0) {
      context.write(Unpooled.wrappedBuffer(ClientFrames.join(2, topic.id())));
    }
    context.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      readNs = System.nanoTime();
      reader.read(in, loop.scratch, this);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (loop.publishCount()) {
      clock.flow().advanced();
    }
  }

  @Override
  public void frame(byte[] bytes, int from, int to) {
    DeliveryCursor cursor = loop.cursor;
    if (cursor.read(bytes, from, to)) {
      delivered(cursor, bytes);
    } else {
      control(bytes, from, to);
    }
  }

  private void delivered(DeliveryCursor cursor, byte[] bytes) {
    if (topic.isInbox() ? cursor.userId != topic.id() : cursor.roomId != topic.id()) {
      // The inbox comes with every connection; what an earlier run left there is not our business.
      if (cursor.userId != user.id()) {
        loop.violations.misrouted++;
      }
      return;
    }
    SequenceCheck current = check;
    if (current == null || closing) {
      return;
    }
    boolean isNew = current.delivered(cursor.seq);
    long intendedNs = clock.stamp().read(bytes, cursor.textAt, cursor.textLength);
    if (intendedNs == Stamp.CORRUPT) {
      loop.violations.corrupt++;
    } else if (intendedNs != Stamp.FOREIGN && isNew) {
      loop.delivered(clock.isMeasured(intendedNs) ? Math.max(0, readNs - intendedNs) : -1);
    }
  }

  private void control(byte[] bytes, int from, int to) {
    ServerFrame frame = FrameReader.parsed(bytes, from, to);
    switch (frame.getEventCase()) {
      case WELCOME -> {
        heartbeatMs = frame.getWelcome().getHeartbeatMs();
        frame.getWelcome().getResumedList().forEach(this::resumed);
        if (topic.isInbox() || topic.id() == 0) {
          ready.complete(heartbeatMs);
        }
      }
      case JOINED -> {
        resumed(frame.getJoined().getResumed());
        ready.complete(heartbeatMs);
      }
      case GAP -> gap(frame.getGap());
      case ERROR -> failed(frame.getError().getCode() + ": " + frame.getError().getMessage());
      case GO_AWAY -> failed("GoAway " + frame.getGoAway().getReason());
      default -> {
        // Presence, Pong and what a later server may add.
      }
    }
  }

  private void resumed(Resumed resumed) {
    boolean mine = topic.isInbox()
        ? resumed.getTopic().getUserId() == topic.id()
        : topic.id() != 0 && resumed.getTopic().getRoomId() == topic.id();
    if (mine) {
      check = new SequenceCheck(resumed.getNextSeq(), loop.violations);
      topic.accepted(resumed.getSeq());
    }
  }

  private void gap(Gap gap) {
    boolean mine = topic.isInbox()
        ? gap.getTopic().getUserId() == topic.id()
        : gap.getTopic().getRoomId() == topic.id();
    if (mine && check != null) {
      // The gap of a start lies before next_seq and is no loss of this run.
      if (gap.getToSeq() >= check.expected()) {
        check.gap(gap.getToSeq());
      }
    }
  }

  private void failed(String why) {
    farewell = why;
    ready.completeExceptionally(new LoadFailure("the server refused a receiver: " + why));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    loop.publishCount();
    if (!closing && !clock.isInterrupted()) {
      loop.violations.disconnected++;
      clock.note("a receiver was disconnected" + (farewell.isEmpty() ? "" : ": " + farewell));
    }
    ready.completeExceptionally(new LoadFailure("a receiver was disconnected before it was ready"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    farewell = String.valueOf(cause.getMessage());
    ready.completeExceptionally(cause);
    context.close();
  }
}
