package io.gochat.server.webhook;

/**
 * Messages of a topic of which an endpoint was not told, because too many waited. Immutable.
 *
 * @param epoch in which the sequences count
 */
record Gap(long epoch, long fromSeq, long toSeq) {
  /** This and what was dropped behind it. */
  Gap and(Gap later) {
    return later.epoch == epoch ? new Gap(epoch, fromSeq, later.toSeq) : later;
  }
}
