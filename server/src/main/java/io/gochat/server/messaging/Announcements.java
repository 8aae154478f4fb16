package io.gochat.server.messaging;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the listener hears of commits; whatever it throws is logged and survived. {@link #listener} is thread-safe, the
 * rest confined to the one thread of the store that tells.
 */
public final class Announcements {
  private static final Logger log = LoggerFactory.getLogger(Announcements.class);

  private volatile CommitListener listener = CommitListener.NOBODY;

  /** Who hears of commits. */
  public void listener(CommitListener hears) {
    listener = hears;
  }

  /** Whoever is told by {@code tells} is woken behind all of it. */
  public void together(Runnable tells) {
    try {
      listener.together(tells);
    } catch (RuntimeException | Error e) {
      log.error("not everybody could be woken after a commit", e);
    }
  }

  /** These were written. */
  public void committed(List<TopicBatch> batches) {
    if (batches.isEmpty()) {
      return;
    }
    try {
      listener.committed(batches);
    } catch (RuntimeException | Error e) {
      log.error("a listener threw; what was committed is read from the log instead", e);
      for (TopicBatch batch : batches) {
        advanced(batch.topic(), batch.lastSeq());
      }
    }
  }

  /** The topic ends there; what lies before is read from the log. */
  public void advanced(Topic topic, long lastSeq) {
    try {
      listener.advanced(topic, lastSeq);
    } catch (RuntimeException | Error e) {
      log.error("the end of {} cannot be told", topic, e);
    }
  }

  /** Another epoch is in force. */
  public void epochChanged(long epoch) {
    try {
      listener.epochChanged(epoch);
    } catch (RuntimeException | Error e) {
      log.error("a listener threw at a new epoch", e);
    }
  }
}
