package io.gochat.client;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.ServerFrame.EventCase;

/** A command other than a publish: safe to send again, so it simply is. Confined to the client's event loop. */
sealed interface Request {
  /** The command, made at the moment of sending, so that it tells the position of that moment. */
  ClientFrame.Builder frame();

  /** Takes the answer. False: it is none to this command. */
  boolean answered(ServerFrame answer);

  /** Told once when there will be no answer. */
  void failed(ChatException failure);

  /** When to give up. */
  long deadlineMs();

  /** Whether nobody needs it any more. */
  default boolean isObsolete() {
    return false;
  }

  /** One that somebody waits for. */
  sealed interface Awaited extends Request {
    /** What he waits on. */
    Promise<?> promise();

    @Override
    default void failed(ChatException failure) {
      promise().fail(failure);
    }
  }

  /** One that starts a room's delivery. */
  sealed interface Start extends Request {
    /** The room. */
    Subscription room();

    /** Among which it is. */
    Subscriptions subscriptions();

    @Override
    default ClientFrame.Builder frame() {
      // What the server sends until it has answered belongs to the earlier start.
      room().pause();
      io.gochat.protocol.Join.Builder join =
          io.gochat.protocol.Join.newBuilder().setRoomId(room().topic().id());
      Position from = room().resumeFrom();
      if (from != null) {
        join.setFrom(Wire.position(room().topic(), from));
      }
      return ClientFrame.newBuilder().setJoin(join);
    }

    @Override
    default boolean answered(ServerFrame answer) {
      boolean fits = answer.getEventCase() == EventCase.JOINED;
      if (fits) {
        subscriptions().joined(room(), answer.getJoined().getResumed());
      }
      return fits;
    }

    @Override
    default boolean isObsolete() {
      return !subscriptions().isCurrent(room());
    }
  }

  /** A page of the log. One at a time: beyond that the server stops reading from us, publishes included. */
  record Fetch(Topic topic, long afterSeq, int limit, Promise<History> promise, long deadlineMs)
      implements Awaited {
    @Override
    public ClientFrame.Builder frame() {
      return ClientFrame.newBuilder()
          .setFetch(io.gochat.protocol.Fetch.newBuilder()
              .setTopic(Wire.topic(topic))
              .setAfterSeq(afterSeq)
              .setLimit(limit));
    }

    @Override
    public boolean answered(ServerFrame answer) {
      boolean fits = answer.getEventCase() == EventCase.HISTORY;
      if (fits) {
        promise.succeed(Wire.history(topic, answer.getHistory()));
      }
      return fits;
    }
  }

  /** Who is in a room. */
  record Members(long roomId, Promise<RoomInfo> promise, long deadlineMs) implements Awaited {
    @Override
    public ClientFrame.Builder frame() {
      return ClientFrame.newBuilder().setGetRoomInfo(GetRoomInfo.newBuilder().setRoomId(roomId));
    }

    @Override
    public boolean answered(ServerFrame answer) {
      boolean fits = answer.getEventCase() == EventCase.ROOM_INFO;
      if (fits) {
        promise.succeed(Wire.roomInfo(answer.getRoomInfo()));
      }
      return fits;
    }
  }

  /** The end of a room's delivery. */
  record Leave(long roomId, Promise<Void> promise, long deadlineMs) implements Awaited {
    @Override
    public ClientFrame.Builder frame() {
      return ClientFrame.newBuilder()
          .setLeave(io.gochat.protocol.Leave.newBuilder().setRoomId(roomId));
    }

    @Override
    public boolean answered(ServerFrame answer) {
      left();
      return true;
    }

    /** It is left, by the answer or because there is no connection: with it every room is left. */
    @SuppressWarnings("NullAway") // the one value of Void
    void left() {
      promise.succeed(null);
    }
  }

  /** The start of a room's delivery that the application asked for. */
  record Join(
      Subscription room, Subscriptions subscriptions, Promise<JoinedRoom> promise, long deadlineMs)
      implements Awaited, Start {
    @Override
    public boolean answered(ServerFrame answer) {
      boolean fits = Start.super.answered(answer);
      if (fits) {
        promise.succeed(Wire.joined(room.topic().id(), answer.getJoined()));
      }
      return fits;
    }

    @Override
    public void failed(ChatException failure) {
      if (!room.isAnswered()) {
        subscriptions.drop(room);
      }
      Awaited.super.failed(failure);
    }
  }

  /**
   * A join that restores what we had, after a reconnect that did not bring the room back by itself. Nobody waits for it,
   * and it is tried until it succeeds.
   */
  record Rejoin(Subscription room, Subscriptions subscriptions) implements Start {
    @Override
    public void failed(ChatException failure) {
      // Obsolete, or the client is closed.
    }

    @Override
    public long deadlineMs() {
      return Long.MAX_VALUE;
    }
  }
}
