package io.gochat.server.http;

import io.gochat.server.bounds.Budget;
import io.gochat.server.bounds.Holder;
import java.net.InetAddress;

/**
 * One complete request, and what its answer may take. Nobody writes to its body. Used by one thread at a time: that which
 * makes the answer, then that which sends it.
 */
final class Call {
  private final RequestHead head;
  private final byte[] body;
  private final int bodyLength;
  private final Origin origin;
  private final InetAddress client;
  private final Holder holder;
  private final Budget out;
  private long reservedBytes;

  /**
   * Takes over {@code body}, of which {@code bodyLength} bytes count.
   *
   * @param origin its connection's
   * @param client whom it comes from: the peer, or whom a trusted proxy names
   * @param holder on whose account the answer waits, in {@code out}
   */
  Call(
      RequestHead head,
      byte[] body,
      int bodyLength,
      Origin origin,
      InetAddress client,
      Holder holder,
      Budget out) {
    this.head = head;
    this.body = body;
    this.bodyLength = bodyLength;
    this.origin = origin;
    this.client = client;
    this.holder = holder;
    this.out = out;
  }

  /** What its head says. */
  RequestHead head() {
    return head;
  }

  /** The array that holds the body. */
  byte[] body() {
    return body;
  }

  /** How many bytes of {@link #body} count. */
  int bodyLength() {
    return bodyLength;
  }

  /** Where its connection comes from. */
  Origin origin() {
    return origin;
  }

  /** Whom it comes from, as far as that can be believed. */
  InetAddress client() {
    return client;
  }

  /** It is this user's: what its answer takes is on his account. */
  void signedIn(long userId) {
    holder.user(userId);
  }

  /**
   * Reserves room for an answer, before it is made; false: there is none, and the call is to be refused. Whoever writes
   * the answer gives it back. Answers of a few hundred bytes need none: they are in what each connection has.
   */
  boolean reserve(long bytes) {
    if (!holder.reserve(out, bytes)) {
      return false;
    }
    reservedBytes += bytes;
    return true;
  }

  /** Counts an answer that is not refused. */
  void force(long bytes) {
    holder.force(out, bytes);
    reservedBytes += bytes;
  }

  /** What was reserved. */
  long reservedBytes() {
    return reservedBytes;
  }
}
