package io.gochat.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive HTTP connection that pushes, one request at a time. Confined to the publishing loop, except for
 * {@link #ready()}. It writes and reads the bytes itself: a codec would cost more than the server under test.
 */
final class HttpPublisherConnection extends ChannelInboundHandlerAdapter
    implements PublisherConnection {
  private static final byte[] LENGTH_NAME =
      "\r\ncontent-length:".getBytes(StandardCharsets.US_ASCII);

  private final LoadClock clock;
  private final List<TopicPlan> topics;
  private final byte[][] requests;
  private final int[] textAt;
  private final Answers answers;
  private final CompletableFuture<Integer> ready = new CompletableFuture<>();
  private @Nullable ChannelHandlerContext ctx;
  private byte[] answer = new byte[4096];
  private int answerLength;
  private boolean isUnanswered;
  private long intendedNs;
  private int topicIndex;
  private boolean closing;

  HttpPublisherConnection(
      LoadClock clock, List<TopicPlan> topics, String host, String token, Answers answers) {
    this.clock = clock;
    this.topics = topics;
    this.answers = answers;
    this.requests = new byte[topics.size()][];
    this.textAt = new int[topics.size()];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = request(topics.get(i), host, token, clock.stamp().length());
      textAt[i] = new String(requests[i], StandardCharsets.ISO_8859_1).indexOf("{\"msg\":\"") + 8;
    }
  }

  /** Done when it may push. */
  CompletableFuture<Integer> ready() {
    return ready;
  }

  @Override
  public boolean isReady() {
    return !isUnanswered && ctx != null && ctx.channel().isActive();
  }

  @Override
  public void send(int topic, long dueNs) {
    ChannelHandlerContext context = ctx;
    if (context == null) {
      throw new IllegalStateException("not connected");
    }
    isUnanswered = true;
    intendedNs = dueNs;
    topicIndex = topic;
    byte[] request = requests[topic];
    clock.stamp().write(dueNs, request, textAt[topic]);
    context.write(
        context.alloc().directBuffer(request.length).writeBytes(request), context.voidPromise());
  }

  @Override
  public void flush() {
    if (ctx != null) {
      ctx.flush();
    }
  }

  @Override
  public void close() {
    closing = true;
    if (ctx != null) {
      ctx.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ctx = context;
    ready.complete(0);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      int arrived = in.readableBytes();
      if (answer.length < answerLength + arrived) {
        answer = Arrays.copyOf(answer, (answerLength + arrived) * 2);
      }
      in.readBytes(answer, answerLength, arrived);
      answerLength += arrived;
    } finally {
      in.release();
    }
    int status = completeStatus();
    if (status == 0) {
      return;
    }
    answerLength = 0;
    isUnanswered = false;
    if (status == 200) {
      topics.get(topicIndex).acceptedOne();
      answers.accepted(intendedNs);
    } else {
      answers.refused("HTTP " + status);
    }
    answers.ready(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ready.completeExceptionally(new LoadFailure("an HTTP connection was closed at once"));
    if (!closing) {
      clock.note("the server closed an HTTP connection");
      if (isUnanswered) {
        answers.refused("DISCONNECTED");
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ready.completeExceptionally(cause);
    clock.note("an HTTP connection failed: " + cause.getMessage());
    context.close();
  }

  /** The status once the whole answer is there; 0 before. */
  private int completeStatus() {
    int bodyAt = -1;
    for (int i = 3; i < answerLength; i++) {
      if (answer[i] == '\n'
          && answer[i - 1] == '\r'
          && answer[i - 2] == '\n'
          && answer[i - 3] == '\r') {
        bodyAt = i + 1;
        break;
      }
    }
    if (bodyAt < 0) {
      return 0;
    }
    if (answerLength < bodyAt + contentLength(bodyAt)) {
      return 0;
    }
    return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + answer[11] - '0';
  }

  private int contentLength(int headEnd) {
    for (int i = 12; i < headEnd - LENGTH_NAME.length; i++) {
      int matched = 0;
      while (matched < LENGTH_NAME.length
          && (answer[i + matched] | (matched < 2 ? 0 : 0x20)) == LENGTH_NAME[matched]) {
        matched++;
      }
      if (matched == LENGTH_NAME.length) {
        int length = 0;
        for (int at = i + matched; answer[at] != '\r'; at++) {
          if (answer[at] != ' ') {
            length = length * 10 + answer[at] - '0';
          }
        }
        return length;
      }
    }
    return 0;
  }

  private static byte[] request(TopicPlan topic, String host, String token, int textBytes) {
    String recipient = topic.isInbox()
        ? "\"to_user_id\":" + topic.id() + ",\"room_id\":0"
        : "\"to_user_id\":0,\"room_id\":" + topic.id();
    String body = "{\"msg\":\"" + "x".repeat(textBytes) + "\"," + recipient
        + ",\"to_user_name\":\"\",\"from_user_id\":0,\"from_user_name\":\"\",\"token\":\"" + token
        + "\"}";
    String head =
        "POST " + (topic.isInbox() ? "/push/push" : "/push/pushRoom") + " HTTP/1.1\r\nHost: " + host
            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n";
    return (head + body).getBytes(StandardCharsets.US_ASCII);
  }
}
