package io.gochat.bench.crowd;

import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameHeader;
import io.netty.buffer.ByteBuf;

/** A connection whose first frame lacks its last byte. Confined to its event loop. */
final class UnfinishedFrame extends CrowdConnection {
  private static final int PAYLOAD = 65_536;
  private static final int MAX_PAYLOAD = 1_048_576;
  private static final byte[] OPENING = opening(PAYLOAD);

  private final FrameDecoder decoder = new FrameDecoder(MAX_PAYLOAD);

  UnfinishedFrame(AnswerCounts answers) {
    super(answers);
  }

  private static byte[] opening(int payload) {
    byte[] bytes = new byte[FrameHeader.BYTES + payload - 1];
    FrameHeader.write(payload, bytes, 0);
    return bytes;
  }

  @Override
  byte[] opening() {
    return OPENING;
  }

  @Override
  void received(ByteBuf in) throws Exception {
    decoder.feed(in.retainedDuplicate());
    ServerFrame frame = decoder.next(ServerFrame.parser());
    if (frame != null && frame.hasGoAway()) {
      answers.add("GoAway " + frame.getGoAway().getReason());
      settle();
    }
  }

  @Override
  void ended() {
    decoder.close();
    if (!isSettled()) {
      answers.add(AnswerCounts.SILENCE);
      settle();
    }
  }
}
