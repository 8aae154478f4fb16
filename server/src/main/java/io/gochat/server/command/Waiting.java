package io.gochat.server.command;

import io.gochat.server.bounds.Budget;
import io.gochat.server.bounds.Holder;

/**
 * What waits in one direction because of one connection, charged to a budget of the process. The first bytes are every
 * connection's own, so that the budget is asked seldom. Confined to the connection's event loop.
 */
final class Waiting {
  /** The budget is asked for so many bytes at once, so that the next ones need not ask. */
  private static final int STEP_BYTES = 2_048;

  private final Holder holder;
  private final Budget budget;
  private final int freeBytes;
  private long used;
  private long charged;

  /** The first {@code freeBytes} are not charged. */
  Waiting(Holder holder, Budget budget, int freeBytes) {
    this.holder = holder;
    this.budget = budget;
    this.freeBytes = freeBytes;
  }

  /** Takes room, all or nothing; false: there is none. */
  boolean take(long bytes) {
    long missing = missing(bytes);
    if (missing > 0) {
      long taken = holder.reserve(budget, Math.max(missing, STEP_BYTES), missing);
      if (taken == 0) {
        return false;
      }
      charged += taken;
    }
    used += bytes;
    return true;
  }

  /** The same, of which a "no" is no refusal. */
  boolean takeIfFree(long bytes) {
    return (missing(bytes) <= 0 || holder.hasRoom(budget, missing(bytes))) && take(bytes);
  }

  /** Counts what must be there, room or not. */
  void force(long bytes) {
    long missing = missing(bytes);
    if (missing > 0) {
      holder.force(budget, missing);
      charged += missing;
    }
    used += bytes;
  }

  private long missing(long bytes) {
    return used + bytes - freeBytes - charged;
  }

  /** So much waits no longer. */
  void give(long bytes) {
    used -= bytes;
    long surplus = charged - Math.max(0, used - freeBytes);
    if (surplus == charged ? surplus > 0 : surplus > 2 * STEP_BYTES) {
      holder.release(budget, surplus);
      charged -= surplus;
    }
  }

  /** Whether room is getting scarce, for all or for this connection's address or user. */
  boolean isRoomScarce() {
    return holder.isScarce(budget);
  }

  /** Whether some of it is the budget's. */
  boolean isCharged() {
    return charged > 0;
  }
}
