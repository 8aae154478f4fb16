package io.gochat.server.messaging;

import java.util.List;

/**
 * Hears what became durable; the fan-out implements it. Called by one thread at a time, in commit order; must return
 * quickly and must not throw.
 */
public interface CommitListener {
  /** Hears nothing, until somebody does. */
  CommitListener NOBODY = new CommitListener() {
    @Override
    public void committed(List<TopicBatch> batches) {}

    @Override
    public void advanced(Topic topic, long lastSeq) {}

    @Override
    public void epochChanged(long epoch) {}
  };

  /** One commit: the batches of its topics, each topic at most once. Called after the log shows the new tails. */
  void committed(List<TopicBatch> batches);

  /**
   * Runs what answers the writers of a commit and then tells of it here. Whoever is to hear several things of it is woken
   * once, behind the last.
   */
  default void together(Runnable telling) {
    telling.run();
  }

  /** Topic {@code topic} now ends at {@code lastSeq}; its messages must be read from the log (a lost notification). */
  void advanced(Topic topic, long lastSeq);

  /** Sequences may have been used again: from here on {@code epoch} counts. Every cursor must be looked at anew. */
  void epochChanged(long epoch);
}
