package io.gochat.server.command;

import io.gochat.protocol.Fetch;
import io.gochat.protocol.Limits;
import io.gochat.server.command.Command.Step;
import io.gochat.server.command.CommandConnection.State;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;
import java.util.concurrent.CompletableFuture;

/**
 * Reading history. Immutable.
 *
 * <p>Room for a large page is taken before anything is read: or a crowd that asks for more than it reads would have the
 * server read megabytes for each answer that it then refuses.
 */
final class FetchCommand {
  /** What the messages may take together, so that the answer stays within the outbound bound. */
  private static final int MAX_MESSAGE_BYTES = Limits.MAX_OUTBOUND_FRAME_BYTES - 2_048;

  /** A page where there is no room for a large one: what is read for nothing, if there is none for it either. */
  private static final int SMALL_PAGE_BYTES = 64 * 1_024;

  private final Messaging messaging;

  FetchCommand(Messaging messaging) {
    this.messaging = messaging;
  }

  /** One read of the log per connection: a replay has its turn first, if it reads now. */
  void run(Command command, Fetch fetch) {
    CommandConnection connection = command.connection();
    Topic topic = Arguments.ownTopic(fetch.getTopic(), connection.userId());
    long after = Arguments.idOrAbsent("after_seq", fetch.getAfterSeq());
    int limit = fetch.getLimit();
    if (limit < 1 || limit > Limits.MAX_FETCH) {
      throw Arguments.invalid("limit: 1 to " + Limits.MAX_FETCH);
    }
    if (command.requestId() == 0) {
      return; // an answer that nobody wants is not worked for
    }
    connection.unanswered().fetching(true);
    boolean promised = connection.output().promiseIfFree(MAX_MESSAGE_BYTES);
    int pageBytes = promised ? MAX_MESSAGE_BYTES : SMALL_PAGE_BYTES;
    command.after(
        connection
            .topics()
            .readTurn()
            .thenCompose(turn -> connection.state() == State.CLOSED
                ? new CompletableFuture<>() // nobody waits for it any more
                : messaging.history(topic, after, limit, pageBytes)),
        new Fetching(command, promised));
  }

  private record Fetching(Command command, boolean promised) implements Step<LogSlice> {
    @Override
    public void settled() {
      if (promised) {
        command.connection().output().keptPromise(MAX_MESSAGE_BYTES);
      }
      command.connection().unanswered().fetching(false);
      command.connection().topics().readOver();
    }

    @Override
    public void completed(LogSlice slice) {
      command.answerIfRoom(command.connection().format().history(command.requestId(), slice));
    }
  }
}
