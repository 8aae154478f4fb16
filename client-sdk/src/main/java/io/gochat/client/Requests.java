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

/**
 * The requests that are not answered yet, publishes excepted. Confined to the client's event loop; time is passed in.
 * What is unanswered when the connection breaks is sent again on the next one, in order.
 */
final class Requests {
  private static final class Entry {
    private final Request request;
    private long notBeforeMs;
    private int refusals;

    Entry(Request request) {
      this.request = request;
    }
  }

  private final Retry retry;
  private final ClientMetrics metrics;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final Map<Long, Entry> inFlight = new LinkedHashMap<>();

  Requests(Retry retry, ClientMetrics metrics) {
    this.retry = retry;
    this.metrics = metrics;
  }

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
    boolean fetching = inFlight.values().stream().anyMatch(e -> e.request instanceof Request.Fetch);
    for (Iterator<Entry> i = waiting.iterator(); i.hasNext(); ) {
      Entry entry = i.next();
      Request request = entry.request;
      boolean fetch = request instanceof Request.Fetch;
      if (entry.notBeforeMs > nowMs || (fetch && fetching)) {
        // Due but not sendable is no reason to wake up again.
        entry.notBeforeMs = entry.notBeforeMs > nowMs ? entry.notBeforeMs : 0;
        continue;
      }
      i.remove();
      if (request.isObsolete()) {
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
    if (!entry.request.answered(frame)) {
      entry.request.failed(
          new ChatException(Failure.INTERNAL, "the server's answer does not fit the request"));
    }
    return true;
  }

  /** Takes a refusal: tried again later where it passes. Returns false when it is not for any of these. */
  boolean failed(long requestId, ChatException refusal, long nowMs) {
    Entry entry = inFlight.remove(requestId);
    if (entry == null) {
      return false;
    }
    boolean again = entry.request instanceof Request.Rejoin || Retry.passes(refusal);
    if (again && !entry.request.isObsolete()) {
      entry.notBeforeMs = nowMs + retry.delayMs(refusal.retryAfterMs(), entry.refusals++);
      waiting.add(entry);
      metrics.sentAgain(refusal.failure());
    } else {
      entry.request.failed(refusal);
    }
    return true;
  }

  /** The connection is gone. */
  void linkDown() {
    List<Entry> again = takeAll();
    for (Entry entry : again) {
      entry.notBeforeMs = 0;
      if (entry.request instanceof Request.Leave leave) {
        leave.left();
      } else if (entry.request.isObsolete()) {
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
    expired.forEach(e -> e.request.failed(
        new ChatException(Failure.EXPIRED, "no answer within the request timeout")));
  }

  /** Fails everything. */
  void clear(ChatException failure) {
    takeAll().forEach(e -> e.request.failed(failure));
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

  /** What was sent first. */
  private List<Entry> takeAll() {
    List<Entry> all = new ArrayList<>(inFlight.values());
    all.addAll(waiting);
    inFlight.clear();
    waiting.clear();
    return all;
  }

  private static void giveUp(Request request) {
    request.failed(new ChatException(Failure.CLOSED, "the room was left meanwhile"));
  }
}
