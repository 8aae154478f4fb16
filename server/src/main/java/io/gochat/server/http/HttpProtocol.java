package io.gochat.server.http;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.ConnectionProtocol;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.OutputEnd;
import io.gochat.server.net.RefusalAnswers;
import io.gochat.server.net.RemoteAddress;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;

/**
 * HTTP/1 on the port: the documented API and the endpoints of operations. Thread-safe.
 *
 * <p>Its pipeline is Netty's request decoder and one handler. Answers are written as whole buffers, so there is no
 * encoder.
 */
public final class HttpProtocol implements ConnectionProtocol {
  private static final byte[][] METHODS = {
    ascii("GET "),
    ascii("POST "),
    ascii("OPTIONS "),
    ascii("HEAD "),
    ascii("PUT "),
    ascii("DELETE "),
    ascii("PATCH "),
    ascii("TRACE "),
    ascii("CONNECT ")
  };

  private final HttpRuntime runtime;
  private final EventLoops loops;
  private final List<Upgrader> upgraders;
  private final Surface surface;

  /**
   * Connections live on {@code loops} and are bounded by {@code budgets}; {@code clock} dates the answers. A connection may
   * change to one of {@code upgrades}.
   */
  public HttpProtocol(
      HttpOptions options,
      HttpServices services,
      Budgets budgets,
      EventLoops loops,
      InstantSource clock,
      MeterRegistry meters,
      List<Upgrade> upgrades) {
    this.loops = loops;
    this.surface = options.hasOperationsPort() ? Surface.USERS : Surface.WHOLE;
    this.runtime = new HttpRuntime(
        options,
        budgets,
        new Router(options, services),
        new ReplyWriter(new HttpDate(clock)),
        new HttpMeters(meters));
    this.upgraders = upgrades.stream()
        .map(upgrade -> new Upgrader(upgrade, options.origins()))
        .toList();
  }

  @Override
  public String name() {
    return "http";
  }

  @Override
  public boolean isForOperations() {
    return true;
  }

  @Override
  public Match match(ByteBuf head) {
    boolean mayBe = false;
    for (byte[] method : METHODS) {
      int common = Math.min(method.length, head.readableBytes());
      if (startsWith(head, method, common)) {
        if (common == method.length) {
          return Match.YES;
        }
        mayBe = true;
      }
    }
    return mayBe ? Match.NEED_MORE : Match.NO;
  }

  private static boolean startsWith(ByteBuf head, byte[] method, int length) {
    int start = head.readerIndex();
    for (int i = 0; i < length; i++) {
      if (head.getByte(start + i) != method[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void install(Channel channel) {
    install(channel, surface);
  }

  private void install(Channel channel, Surface which) {
    // A peer may shut its side once it has asked, and still wants the answer.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    Origin origin =
        new Origin(RemoteAddress.of(channel).getAddress(), OutputEnd.isEncrypted(channel), which);
    EventLoop loop = channel.eventLoop();
    HttpConnection connection =
        new HttpConnection(runtime, loops.timer(loop), loops.inbox(loop), origin);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(RequestDecoder.NAME, connection.decoder());
    if (which != Surface.OPERATIONS && !ConnectionLimiter.isKept(channel)) {
      upgraders.forEach(pipeline::addLast);
    }
    pipeline.addLast(HttpConnection.NAME, connection);
  }

  /** The same server's protocol for a port of the operators' alone. */
  public ConnectionProtocol operations() {
    return new Operations();
  }

  /** What is told to those who speak text that is no request. */
  public RefusalAnswers answers() {
    return new TextAnswers(runtime.writer());
  }

  /** From now on each connection ends with the answer to its current request, or within a second when it has none. */
  public void drain() {
    runtime.drain();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** HTTP that has the endpoints of operations alone. Thread-safe. */
  private final class Operations implements ConnectionProtocol {
    @Override
    public String name() {
      return "operations";
    }

    @Override
    public boolean isForOperations() {
      return true;
    }

    @Override
    public Match match(ByteBuf head) {
      return HttpProtocol.this.match(head);
    }

    @Override
    public void install(Channel channel) {
      HttpProtocol.this.install(channel, Surface.OPERATIONS);
    }
  }
}
