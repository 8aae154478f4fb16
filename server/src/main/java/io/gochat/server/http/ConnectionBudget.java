package io.gochat.server.http;

import io.gochat.server.bounds.Budget;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.bounds.Holder;
import io.netty.channel.ChannelFuture;
import java.net.InetAddress;

/**
 * What one connection takes of the budgets of everybody: the request that is coming, the answer that is going. Confined
 * to the connection's event loop, except for what a {@link Call} reserves.
 */
final class ConnectionBudget implements AutoCloseable {
  /** An answer of so many bytes waits in what each connection has. Commands get no larger ones. */
  private static final int SMALL_ANSWER_BYTES = 1_024;

  /** Of a head that comes in pieces, so much needs no room; beyond it, {@link #HEAD_BYTES} do. */
  private static final int FREE_HEAD_BYTES = 1_024;

  private static final int HEAD_BYTES = 16_384;

  private final Holder holder;
  private final Budget in;
  private final Budget out;
  private InetAddress client;
  private int headBytes; // of a head that is not complete

  ConnectionBudget(Budgets budgets, InetAddress peer) {
    this.holder = budgets.holder(peer);
    this.client = peer;
    this.in = budgets.in();
    this.out = budgets.out();
  }

  /** Whom all of it is on account of, as a proxy tells it. */
  void client(InetAddress other) {
    if (!other.equals(client)) {
      client = other;
      holder.address(other);
    }
  }

  /** Whom else it is on account of. */
  void user(long userId) {
    holder.user(userId);
  }

  /** So many more bytes of a body; false: there is no room for them now. */
  boolean reserveBody(long bytes) {
    return holder.reserve(in, bytes);
  }

  /** So many more bytes of a head have come. */
  void headCame(int bytes) {
    headBytes += bytes;
  }

  /** No head is coming. */
  void headIsComplete() {
    headBytes = 0;
  }

  /**
   * Whether there is room for the head that has begun: as headers it takes several times its bytes, so one that does not
   * come at once needs room when it is more than a little.
   */
  boolean hasRoomForHead() {
    return headBytes <= FREE_HEAD_BYTES || holder.held(in) > 0 || holder.reserve(in, HEAD_BYTES);
  }

  /** The request is answered, or refused: nothing of it waits any more. */
  void requestIsOver() {
    holder.releaseAll(in);
  }

  /** A complete request, whose answer may take of this. */
  Call call(RequestHead head, RequestReader request, Origin origin, InetAddress client) {
    return new Call(head, request.body(), request.bodyLength(), origin, client, holder, out);
  }

  /**
   * The answer, if there is room for it, else that there is none. What answers a command is small, and waits in what each
   * connection has: it is never turned into a refusal.
   */
  Reply fitting(Call call, Reply made) {
    long missing = made.size() - call.reservedBytes();
    if (made.size() <= SMALL_ANSWER_BYTES || missing <= 0) {
      return made;
    }
    Endpoint endpoint = call.head().endpoint();
    if (endpoint == null || endpoint == Endpoint.METRICS) {
      call.force(missing); // what tells of the trouble is not refused for it
      return made;
    }
    return call.reserve(missing) ? made : HttpErrors.overloaded(endpoint);
  }

  /** The answer of {@code call} is on its way; what it takes is given back when it has left. */
  void sending(Call call, ChannelFuture written) {
    long bytes = call.reservedBytes();
    if (bytes > 0) {
      written.addListener(taken -> holder.release(out, bytes));
    }
  }

  /** Whether there is so little room for answers that nobody may take them at leisure. */
  boolean isScarce() {
    return out.isHalfUsed();
  }

  /** Gives back everything. Idempotent. */
  @Override
  public void close() {
    holder.close();
  }
}
