package io.gochat.server.frame;

import io.gochat.protocol.GoAway;
import io.gochat.protocol.Limits;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameEncoder;
import io.gochat.protocol.frame.FrameHeader;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandMeters;
import io.gochat.server.net.ConnectionProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;

/** The frame channel on the port: a connection whose first byte is the version of our frames. Thread-safe. */
public final class FrameProtocol implements ConnectionProtocol {
  private static final int MIN_FRAME_BYTES = 1_024;

  // A message comes back with two names, ids and times around it.
  private static final int MAX_FRAME_BYTES = Limits.MAX_OUTBOUND_FRAME_BYTES - 4_096;

  private final CommandLoops commands;
  private final CommandMeters meters;
  private final int maxFrameBytes;

  /** Payloads from a client have at most {@code maxFrameBytes} bytes. */
  public FrameProtocol(CommandLoops commands, int maxFrameBytes) {
    if (maxFrameBytes < MIN_FRAME_BYTES || maxFrameBytes > MAX_FRAME_BYTES) {
      throw new IllegalArgumentException(
          "max frame bytes: " + MIN_FRAME_BYTES + " to " + MAX_FRAME_BYTES);
    }
    this.commands = commands;
    this.meters = commands.meters(name());
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  public String name() {
    return "frame";
  }

  @Override
  public Match match(ByteBuf head) {
    return head.getUnsignedByte(head.readerIndex()) == FrameHeader.VERSION ? Match.YES : Match.NO;
  }

  @Override
  public void install(Channel channel) {
    channel.pipeline().addLast(new FrameConnection(channel, maxFrameBytes, commands, meters));
  }

  @Override
  public ByteBuf tlsRequired(ByteBufAllocator allocator) {
    GoAway goAway = GoAway.newBuilder()
        .setReason(GoAway.Reason.PROTOCOL_ERROR)
        .setFinal(true)
        .build();
    return FrameEncoder.encode(ServerFrame.newBuilder().setGoAway(goAway).build(), allocator);
  }
}
