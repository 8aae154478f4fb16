package io.gochat.server.command;

import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection that were taken and wait: how many, whether a {@code Fetch} is among them, and the order
 * of the publishes among them. Confined to the connection's event loop.
 */
final class Unanswered {
  private int commands;
  private boolean fetching;
  private @Nullable PublishLane lane;

  /** One more waits; {@link #ended} follows. */
  void began() {
    commands++;
  }

  /** One waits no longer. */
  void ended() {
    commands--;
  }

  int size() {
    return commands;
  }

  /** Whether a Fetch is under way: a connection reads the log once at a time. */
  boolean isFetching() {
    return fetching;
  }

  void fetching(boolean now) {
    fetching = now;
  }

  /** The order of the publishes. */
  PublishLane lane() {
    PublishLane existing = lane;
    if (existing == null) {
      existing = new PublishLane();
      lane = existing;
    }
    return existing;
  }

  /** Whether publishes wait, so that none may be submitted past them. */
  boolean isLaneBusy() {
    return lane != null && !lane.isEmpty();
  }

  /** The connection is gone: publishes that wait for their recipient are not published. */
  void close() {
    if (lane != null) {
      lane.close();
      lane = null;
    }
  }
}
