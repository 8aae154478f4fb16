package io.gochat.client;

import java.util.List;

/**
 * A page of a topic's log. Immutable.
 *
 * @param messages ascending; possibly fewer than asked for, so go on until {@code lastSeq}
 * @param firstSeq the first sequence still retained
 * @param lastSeq the last one in the log
 * @param epoch in which the sequences count
 */
public record History(List<Message> messages, long firstSeq, long lastSeq, long epoch) {
  /** Takes a copy. */
  public History {
    messages = List.copyOf(messages);
  }
}
