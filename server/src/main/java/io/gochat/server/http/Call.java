package io.gochat.server.http;

import java.net.InetAddress;

/** One complete request. Immutable by agreement: nobody writes to its body. */
final class Call {
  private final RequestHead head;
  private final byte[] body;
  private final int bodyLength;
  private final InetAddress peer;
  private final InetAddress client;

  /**
   * Takes over {@code body}, of which {@code bodyLength} bytes count.
   *
   * @param peer who is at the other end of the connection
   * @param client whom it comes from: the peer, or whom a trusted proxy names
   */
  Call(RequestHead head, byte[] body, int bodyLength, InetAddress peer, InetAddress client) {
    this.head = head;
    this.body = body;
    this.bodyLength = bodyLength;
    this.peer = peer;
    this.client = client;
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

  /** Who is at the other end of the connection. */
  InetAddress peer() {
    return peer;
  }

  /** Whom it comes from, as far as that can be believed. */
  InetAddress client() {
    return client;
  }
}
