package io.gochat.server.frame;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Limits;
import io.gochat.server.frame.FrameConnection.Awaiting;
import io.gochat.server.frame.FrameConnection.State;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;
import java.util.concurrent.CompletableFuture;

/** Reading history. Immutable. */
final class FetchCommand {
  private final Messaging messaging;

  FetchCommand(Messaging messaging) {
    this.messaging = messaging;
  }

  /**
   * False while an earlier Fetch is under way: one read of the log per connection. A replay has its turn first, if it
   * reads now.
   */
  boolean take(FrameConnection connection, long requestId, Fetch fetch) {
    if (connection.isFetching()) {
      return false;
    }
    Topic topic = WireTopics.ownTopic(fetch.getTopic(), connection.userId());
    long after = WireTopics.idOrAbsent("after_seq", fetch.getAfterSeq());
    int limit = fetch.getLimit();
    if (limit < 1 || limit > Limits.MAX_FETCH) {
      throw new CommandRefused(ErrorKind.INVALID_ARGUMENT, "limit: 1 to " + Limits.MAX_FETCH);
    }
    connection.fetching(true);
    connection.await(
        connection
            .topics()
            .readTurn()
            .thenCompose(turn -> connection.state() == State.CLOSED
                ? new CompletableFuture<>() // nobody waits for it any more
                : messaging.history(topic, after, limit, HistoryFrame.MAX_MESSAGE_BYTES)),
        requestId,
        new Fetching(connection, requestId));
    return true;
  }

  private record Fetching(FrameConnection connection, long requestId)
      implements Awaiting<LogSlice> {
    @Override
    public void settled() {
      connection.fetching(false);
      connection.topics().readOver();
    }

    @Override
    public void completed(LogSlice slice) {
      if (requestId != 0) {
        HistoryFrame frame = new HistoryFrame(requestId, slice);
        frame.writeTo(connection.room(frame.size()));
      }
    }
  }
}
