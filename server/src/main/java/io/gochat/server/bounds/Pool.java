package io.gochat.server.bounds;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One bound on bytes, and how much of it one party may have. Thread-safe and lock-free: never more than the limit is
 * taken, and who is refused has taken nothing.
 */
final class Pool {
  private final int index;
  private final long limit;
  private final long perUser;
  private final long perAddress;
  private final AtomicLong used = new AtomicLong();

  /** The pool at {@code index} of each {@link Party}; a share is never less than {@code largest}, what one asks at most. */
  Pool(int index, long limit, long largest) {
    this.index = index;
    this.limit = limit;
    this.perUser = Math.max(limit / 8, largest);
    this.perAddress = Math.max(limit / 2, largest);
  }

  int index() {
    return index;
  }

  long limit() {
    return limit;
  }

  long used() {
    return used.get();
  }

  /** Takes {@code bytes} for these two; null when it did, else why not. */
  @Nullable
  Refused take(long bytes, Party address, @Nullable Party user) {
    if (user != null && !user.add(index, bytes, perUser)) {
      return Refused.USER;
    }
    if (!address.add(index, bytes, perAddress)) {
      giveBack(user, bytes);
      return Refused.ADDRESS;
    }
    if (!add(used, bytes, limit)) {
      giveBack(user, bytes);
      address.add(index, -bytes);
      return Refused.FULL;
    }
    return null;
  }

  /** Whether {@link #take} would take them, as of now. */
  boolean hasRoom(long bytes, Party address, @Nullable Party user) {
    return (user == null || user.held(index) + bytes <= perUser)
        && address.held(index) + bytes <= perAddress
        && used.get() + bytes <= limit;
  }

  /** Whether one of these two has more than half of what he may have. */
  boolean isScarce(Party address, @Nullable Party user) {
    return address.held(index) > perAddress / 2 || (user != null && user.held(index) > perUser / 2);
  }

  /** Takes {@code bytes} whatever the bounds say. */
  void force(long bytes, Party address, @Nullable Party user) {
    if (user != null) {
      user.add(index, bytes);
    }
    address.add(index, bytes);
    used.addAndGet(bytes);
  }

  /** Gives back what was taken for these two. */
  void give(long bytes, Party address, @Nullable Party user) {
    used.addAndGet(-bytes);
    address.add(index, -bytes);
    giveBack(user, bytes);
  }

  private void giveBack(@Nullable Party user, long bytes) {
    if (user != null) {
      user.add(index, -bytes);
    }
  }

  private static boolean add(AtomicLong sum, long bytes, long limit) {
    long before;
    do {
      before = sum.get();
      if (before + bytes > limit) {
        return false;
      }
    } while (!sum.compareAndSet(before, before + bytes));
    return true;
  }
}
