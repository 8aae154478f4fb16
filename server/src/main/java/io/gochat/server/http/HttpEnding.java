package io.gochat.server.http;

import io.gochat.server.net.OutputEnd;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;

/**
 * How one connection ends behind its last answer. Where the rest of a request is unread not at once: closing with unread
 * bytes would reset the connection and take the answer away from a peer that is still sending. So our side is shut, what
 * comes is dropped, and the connection is closed when the peer closes its side, or a little later. Confined to the
 * connection's event loop.
 */
final class HttpEnding {
  private final HttpIntake intake;
  private final HttpLiveness liveness;

  HttpEnding(HttpIntake intake, HttpLiveness liveness) {
    this.intake = intake;
    this.liveness = liveness;
  }

  /** The answer to a whole request is the last. */
  void closeAfter(ChannelFuture written) {
    if (intake.heldBackBytes() > 0) {
      lingerAfter(written);
    } else {
      liveness.enter(HttpPhase.CLOSING);
      intake.discard();
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The answer is the last, and the peer may be sending. */
  void lingerAfter(ChannelFuture written) {
    Channel channel = written.channel();
    liveness.enter(HttpPhase.CLOSING);
    intake.discard();
    channel.config().setAutoRead(true);
    written.addListener(done -> {
      if (done.isSuccess() && !intake.isShut()) {
        OutputEnd.shut(channel);
        liveness.enter(HttpPhase.LINGERING);
      } else {
        channel.close();
      }
    });
  }
}
