package io.gochat.bench.load;

import io.gochat.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One frame connection that publishes. Confined to the publishing loop, except for {@link #ready()}. */
final class FramePublisherConnection extends ChannelInboundHandlerAdapter
    implements PublisherConnection, FrameReader.Sink {
  // The server stops reading from a connection with 64 unanswered publishes; staying below keeps
  // our pings flowing.
  private static final int MAX_UNANSWERED = 60;
  private static final int FIRST_REQUEST = 10;

  private final FrameReader reader = new FrameReader();
  private final FrameReader.Scratch scratch = new FrameReader.Scratch();
  private final List<TopicPlan> topics;
  private final ClientFrames.PublishTemplate[] templates;
  private final LoadClock clock;
  private final String token;
  private final Answers answers;
  private final CompletableFuture<Integer> ready = new CompletableFuture<>();
  // What is unanswered, by slot: request id = FIRST_REQUEST + slot.
  private final long[] intendedNs = new long[MAX_UNANSWERED];
  private final int[] topicOf = new int[MAX_UNANSWERED];
  private final int[] freeSlots = new int[MAX_UNANSWERED];
  private int free = MAX_UNANSWERED;
  private @Nullable ChannelHandlerContext ctx;
  private boolean closing;

  FramePublisherConnection(LoadClock clock, List<TopicPlan> topics, String token, Answers answers) {
    this.clock = clock;
    this.topics = topics;
    this.token = token;
    this.answers = answers;
    this.templates = new ClientFrames.PublishTemplate[topics.size()];
    for (int slot = 0; slot < MAX_UNANSWERED; slot++) {
      freeSlots[slot] = slot;
    }
  }

  /** Done, with the server's heartbeat in ms, when it may publish. */
  CompletableFuture<Integer> ready() {
    return ready;
  }

  @Override
  public boolean isReady() {
    return free > 0 && ctx != null && ctx.channel().isActive();
  }

  @Override
  public void send(int topicIndex, long dueNs) {
    int slot = freeSlots[--free];
    intendedNs[slot] = dueNs;
    topicOf[slot] = topicIndex;
    ClientFrames.PublishTemplate template = templates[topicIndex];
    if (template == null) {
      template =
          ClientFrames.publish(topics.get(topicIndex).toWire(), clock.stamp().length());
      templates[topicIndex] = template;
    }
    template.requestId(FIRST_REQUEST + slot);
    clock.stamp().write(dueNs, template.bytes, template.textAt);
    ChannelHandlerContext context = open();
    ByteBuf frame = context.alloc().directBuffer(template.bytes.length).writeBytes(template.bytes);
    context.write(frame, context.voidPromise());
  }

  @Override
  public void flush() {
    open().flush();
  }

  @Override
  public void close() {
    closing = true;
    if (ctx != null) {
      ctx.close();
    }
  }

  /** Keeps the connection alive. */
  void ping() {
    if (ctx != null && ctx.channel().isActive()) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(ClientFrames.ping()));
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ctx = context;
    context.writeAndFlush(Unpooled.wrappedBuffer(ClientFrames.hello(1, token)));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      reader.read(in, scratch, this);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (ready.isDone()) {
      answers.ready(this);
    }
  }

  @Override
  public void frame(byte[] bytes, int from, int to) {
    ServerFrame frame = FrameReader.parsed(bytes, from, to);
    switch (frame.getEventCase()) {
      case WELCOME -> ready.complete(frame.getWelcome().getHeartbeatMs());
      case PUBLISHED -> {
        int slot = (int) frame.getRequestId() - FIRST_REQUEST;
        topics.get(topicOf[slot]).accepted(frame.getPublished().getSeq());
        answers.accepted(intendedNs[slot]);
        freeSlots[free++] = slot;
      }
      case ERROR -> {
        String code = frame.getError().getCode().name();
        ready.completeExceptionally(new LoadFailure(
            "the server refused a publisher: " + code + ": " + frame.getError().getMessage()));
        refused((int) frame.getRequestId() - FIRST_REQUEST, code);
      }
      case GO_AWAY ->
        clock.note("the server said GoAway to a publisher: " + frame.getGoAway().getReason());
      default -> {
        // Its own inbox, presence, pongs.
      }
    }
  }

  private void refused(int slot, String code) {
    if (slot >= 0 && slot < MAX_UNANSWERED) {
      answers.refused(code);
      freeSlots[free++] = slot;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ready.completeExceptionally(
        new LoadFailure("a publisher was disconnected before it was ready"));
    if (!closing) {
      clock.note("a publisher was disconnected");
      for (int i = free; i < MAX_UNANSWERED; i++) {
        answers.refused("DISCONNECTED");
      }
    }
    free = 0;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ready.completeExceptionally(cause);
    clock.note("a publisher failed: " + cause.getMessage());
    context.close();
  }

  private ChannelHandlerContext open() {
    ChannelHandlerContext context = ctx;
    if (context == null) {
      throw new IllegalStateException("not connected");
    }
    return context;
  }
}
