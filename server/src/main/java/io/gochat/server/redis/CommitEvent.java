package io.gochat.server.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What comes to the thread of the {@link Committer}. Immutable. */
sealed interface CommitEvent {
  /** A publish waits for its answer. */
  record Published(Pending pending) implements CommitEvent {}

  /** A call is over; without results it failed. */
  record Answered(
      Lane lane,
      AppendCall.Call call,
      long sentNanos,
      @Nullable List<Object> results,
      @Nullable Throwable failure)
      implements CommitEvent {}

  /** Redis does not know the script, so nothing of the call was carried out. */
  record Unknown(Lane lane, AppendCall.Call call, long sentNanos) implements CommitEvent {}

  /** What had to be known before anything can be appended is known, or cannot be. */
  record Prepared(boolean newIds, @Nullable Throwable failure) implements CommitEvent {}

  /** Nothing comes any more. */
  record Closed() implements CommitEvent {}
}
