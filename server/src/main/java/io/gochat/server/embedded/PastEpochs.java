package io.gochat.server.embedded;

import java.util.List;
import java.util.stream.Stream;

/**
 * The epochs that were in force in the life of this process before the one that is. Immutable.
 *
 * <p>Each new epoch raises the ids of messages beyond any that were given out before. So a message with an id from below
 * that mark was in the log when the old epoch ended, and where it is now.
 */
record PastEpochs(List<Past> newestFirst) {
  static final PastEpochs NONE = new PastEpochs(List.of());

  private static final int REMEMBERED = 64;

  /**
   * An epoch that is over.
   *
   * @param endOfIds no message of it has this id or a higher one
   */
  record Past(long epoch, long endOfIds) {}

  PastEpochs and(long epoch, long endOfIds) {
    return new PastEpochs(Stream.concat(Stream.of(new Past(epoch, endOfIds)), newestFirst.stream())
        .limit(REMEMBERED)
        .toList());
  }

  /** 0: it was not in force here. */
  long endOfIds(long epoch) {
    return newestFirst.stream()
        .filter(past -> past.epoch == epoch)
        .mapToLong(Past::endOfIds)
        .findFirst()
        .orElse(0);
  }
}
