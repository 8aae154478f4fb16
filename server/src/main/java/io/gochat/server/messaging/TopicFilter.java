package io.gochat.server.messaging;

import java.util.HashSet;
import java.util.Set;

/**
 * Some of all topics. Immutable; asked once for each message.
 *
 * @param rooms all rooms
 * @param inboxes all inboxes
 * @param topics these besides
 */
public record TopicFilter(boolean rooms, boolean inboxes, Set<Topic> topics) {
  /** No topic. */
  public static final TopicFilter NONE = new TopicFilter(false, false, Set.of());

  /** Every topic. */
  public static final TopicFilter ALL = new TopicFilter(true, true, Set.of());

  public TopicFilter {
    topics = Set.copyOf(topics);
  }

  /** Whether this topic is one of them. */
  public boolean has(Topic topic) {
    return (topic.isInbox() ? inboxes : rooms) || (!topics.isEmpty() && topics.contains(topic));
  }

  /** These and those. */
  public TopicFilter or(TopicFilter other) {
    Set<Topic> both = new HashSet<>(topics);
    both.addAll(other.topics);
    return new TopicFilter(rooms || other.rooms, inboxes || other.inboxes, both);
  }

  /** Those of these that are inboxes. */
  public TopicFilter onlyInboxes() {
    Set<Topic> some = new HashSet<>(topics);
    some.removeIf(topic -> !topic.isInbox());
    return new TopicFilter(false, inboxes, some);
  }
}
