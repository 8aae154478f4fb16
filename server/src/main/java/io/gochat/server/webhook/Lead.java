package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether it is this node that tells webhooks: asked now and then, and believed for a while. Confined to the webhooks' loop. */
final class Lead {
  private static final Logger log = LoggerFactory.getLogger("io.gochat.server.webhook.Webhooks");
  private static final long ASK_EVERY_MS = 2_000;
  // Less than a lease: nobody else leads by then, and
  // this node does not go on before it has asked again.
  private static final long BELIEVED_MS = 8_000;

  private final Outbox outbox;
  private final Executor loop;
  private final Runnable begins;
  private final Runnable ends;
  private boolean isWanted = true;
  /** In which this node leads; 0: it does not. */
  private long term;

  private long ledAtMs;
  private long askAtMs;

  /** Runs {@code begins} with every term of this node, and {@code ends} whenever the answer is that it has none. */
  Lead(Outbox outbox, Executor loop, Runnable begins, Runnable ends) {
    this.outbox = outbox;
    this.loop = loop;
    this.begins = begins;
    this.ends = ends;
  }

  /** Whether nobody else can lead now. */
  boolean isHeld(long nowMs) {
    return nowMs - ledAtMs < BELIEVED_MS;
  }

  void tick(long nowMs) {
    if (nowMs >= askAtMs && isWanted) {
      askAtMs = nowMs + ASK_EVERY_MS;
      ask(nowMs);
    }
  }

  private void ask(long nowMs) {
    outbox
        .lead()
        .whenComplete((answered, failure) -> loop.execute(() -> {
          if (failure == null) {
            answered(answered, nowMs);
          } else {
            log.debug("the lead cannot be asked for", failure);
          }
        }));
  }

  private void answered(long answered, long askedAtMs) {
    if (answered == 0) {
      if (term != 0 && isWanted) {
        log.warn("another node tells webhooks now");
      }
      term = 0;
      ends.run();
    } else if (isWanted) {
      ledAtMs = askedAtMs;
      if (answered != term) {
        term = answered;
        begins.run();
      }
    }
  }

  /** It is not asked for any more, and only its end matters. */
  void unwanted() {
    isWanted = false;
  }
}
