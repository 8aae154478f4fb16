package io.gochat.client;

import io.gochat.protocol.ServerFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/**
 * The requests that are not answered yet, publishes excepted. Confined to the client's event loop; time is passed in.
 * What is unanswered when the connection breaks is sent again on the next one, in order.
 */
final class Requests {
  private static final class Entry {
    private final Request request;
    private long notBeforeMs;

    Entry(Request request) {
      this.request = request;
    }
  }

  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final Map<Long, Entry> inFlight = new LinkedHashMap<>();

  void add(Request request) {
    waiting.add(new Entry(request));
  }

  boolean isInFlight() {
    return !inFlight.isEmpty();
  }

  /** Sends what may be sent; {@code sender} returns the request id. */
  void pump(long nowMs, ToLongFunction<Request> sender) {
    if (waiting.isEmpty()) {
      return;
    }
    boolean fetching =
        inFlight.values().stream().anyMatch(e -> e.request.kind() == Request.Kind.FETCH);
    for (Iterator<Entry> i = waiting.iterator(); i.hasNext(); ) {
      Entry entry = i.next();
      Request request = entry.request;
      boolean fetch = request.kind() == Request.Kind.FETCH;
      if (entry.notBeforeMs > nowMs || (fetch && fetching)) {
        // Due but not sendable is no reason to wake up again.
        entry.notBeforeMs = entry.notBeforeMs > nowMs ? entry.notBeforeMs : 0;
        continue;
      }
      i.remove();
      if (request.obsolete().getAsBoolean()) {
        giveUp(request);
      } else {
        inFlight.put(sender.applyAsLong(request), entry);
        fetching |= fetch;
      }
    }
  }

  /** Takes an answer. Returns false when it is not for any of these. */
  boolean answered(ServerFrame frame) {
    Entry entry = inFlight.remove(frame.getRequestId());
    if (entry == null) {
      return false;
    }
    if (!entry.request.answered().test(frame)) {
      entry
          .request
          .failed()
          .accept(
              new ChatException(Failure.INTERNAL, "the server's answer does not fit the request"));
    }
    return true;
  }

  /** Takes a failure: tried again later where {@code retryAfterMs} makes sense of it. */
  boolean failed(long requestId, ChatException failure, long nowMs, UnaryOperator<Long> delayMs) {
    Entry entry = inFlight.remove(requestId);
    if (entry == null) {
      return false;
    }
    boolean again = entry.request.kind() == Request.Kind.REJOIN
        || failure.failure() == Failure.OVERLOADED
        || failure.failure() == Failure.STORE_UNAVAILABLE;
    if (again && !entry.request.obsolete().getAsBoolean()) {
      entry.notBeforeMs = nowMs + delayMs.apply((long) failure.retryAfterMs());
      waiting.add(entry);
    } else {
      entry.request.failed().accept(failure);
    }
    return true;
  }

  /** The connection is gone. */
  void linkDown() {
    List<Entry> again = new ArrayList<>(inFlight.values());
    again.addAll(waiting);
    inFlight.clear();
    waiting.clear();
    for (Entry entry : again) {
      entry.notBeforeMs = 0;
      boolean over = entry.request.kind() == Request.Kind.LEAVE
          && entry.request.answered().test(ServerFrame.getDefaultInstance());
      if (over) {
        continue;
      }
      if (entry.request.obsolete().getAsBoolean()) {
        giveUp(entry.request);
      } else {
        waiting.add(entry);
      }
    }
  }

  /** Fails what is past its deadline. */
  void expire(long nowMs) {
    List<Entry> expired = new ArrayList<>();
    waiting.stream().filter(e -> e.request.deadlineMs() <= nowMs).forEach(expired::add);
    inFlight.values().stream().filter(e -> e.request.deadlineMs() <= nowMs).forEach(expired::add);
    waiting.removeAll(expired);
    inFlight.values().removeAll(expired);
    expired.forEach(e -> e.request
        .failed()
        .accept(new ChatException(Failure.EXPIRED, "no answer within the request timeout")));
  }

  /** Fails everything. */
  void clear(ChatException failure) {
    List<Entry> all = new ArrayList<>(inFlight.values());
    all.addAll(waiting);
    inFlight.clear();
    waiting.clear();
    all.forEach(e -> e.request.failed().accept(failure));
  }

  /** When there is something to do next; {@code Long.MAX_VALUE}: never. */
  long nextWakeUpMs() {
    long next = Long.MAX_VALUE;
    for (Entry entry : waiting) {
      next = Math.min(next, entry.request.deadlineMs());
      if (entry.notBeforeMs > 0) {
        next = Math.min(next, entry.notBeforeMs);
      }
    }
    for (Entry entry : inFlight.values()) {
      next = Math.min(next, entry.request.deadlineMs());
    }
    return next;
  }

  private static void giveUp(Request request) {
    request.failed().accept(new ChatException(Failure.CLOSED, "the room was left meanwhile"));
  }
}
