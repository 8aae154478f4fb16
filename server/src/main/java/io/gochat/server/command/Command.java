package io.gochat.server.command;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.AnswerFormat.Encoded;
import io.gochat.server.command.CommandConnection.State;
import io.gochat.server.failure.Failure;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command on its way from being taken to its answer: it runs in steps on its connection's loop, and waits in between.
 * Whatever a step throws is answered. Confined to the connection's event loop.
 */
final class Command {
  private static final Logger log = LoggerFactory.getLogger(Command.class);

  /** More than the answer to any command that changes something; but for long errors, which are rare. */
  private static final int ANSWER_BYTES = 160;

  private final CommandConnection connection;
  private final long requestId;
  private boolean promised;
  private boolean suspended;

  Command(CommandConnection connection, long requestId) {
    this.connection = connection;
    this.requestId = requestId;
  }

  /** What comes after a future; called on the loop. */
  interface Step<T> {
    /** Succeeded. Called while the connection drains too, never when it is closed. */
    void completed(T value);

    /** Succeeded or not, called first, also when the connection is closed. */
    default void settled() {}
  }

  CommandConnection connection() {
    return connection;
  }

  long requestId() {
    return requestId;
  }

  /** It changes something, so its answer must have room before it is carried out; false: there is none. */
  boolean promiseAnswer() {
    promised = connection.output().promise(ANSWER_BYTES);
    return promised;
  }

  /** Runs a step of it. */
  void run(Runnable step) {
    try {
      tryRun(step);
    } finally {
      if (promised && !suspended) {
        promised = false;
        connection.output().keptPromise(ANSWER_BYTES);
      }
    }
  }

  private void tryRun(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      Failure failure = Failure.of(e);
      failure.log(log, "a command failed", e);
      connection.refuse(requestId, failure);
    }
  }

  /** Goes on with {@code step} when the future is done, which may be on any thread, or now. Within a step. */
  <T> void after(CompletableFuture<T> future, Step<T> step) {
    if (future.isDone()) {
      settle(future, step);
      return;
    }
    suspend();
    future.whenComplete(
        (value, failure) -> connection.execute(() -> resume(() -> settle(future, step))));
  }

  private <T> void settle(CompletableFuture<T> future, Step<T> step) {
    step.settled();
    if (connection.state() != State.CLOSED) {
      step.completed(future.join());
    }
  }

  /** Waits, and counts as unanswered, until {@link #resume}. */
  void suspend() {
    suspended = true;
    connection.unanswered().began();
  }

  /** Goes on with {@code step}. */
  void resume(Runnable step) {
    suspended = false;
    connection.unanswered().ended();
    run(step);
    connection.goOn();
  }

  /** Answers success, unless the client wants no answer. */
  void answer(ServerFrame.Builder answer) {
    if (requestId != 0) {
      connection.send(answer.setRequestId(requestId).build());
    }
  }

  /** Answers success where the client always wants to know. */
  void answerAlways(ServerFrame.Builder answer) {
    connection.send(answer.setRequestId(requestId).build());
  }

  /** Answers a read, which may be large, if there is room for the answer. */
  void answerIfRoom(Encoded answer) {
    if (requestId != 0 && !connection.sendIfRoom(answer)) {
      refuseForWantOfRoom();
    }
  }

  /** Too much waits for peers that do not read. */
  void refuseForWantOfRoom() {
    refuse(new Failure(ErrorKind.OVERLOADED, "too many answers wait to be read", 0));
  }

  /** Answers that it was not carried out. */
  void refuse(Failure failure) {
    connection.refuse(requestId, failure);
  }
}
