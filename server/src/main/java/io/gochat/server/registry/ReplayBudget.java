package io.gochat.server.registry;

import io.gochat.server.bounds.Budget;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.bounds.Holder;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Who may have a page of the log, and who holds the rest of a frame that his socket does not take: the replay part of the
 * budgets, for all connections together. Thread-safe; the lock is held for short, and nobody is called under it.
 *
 * <p>Half is for pages, which come back within a second or two. They are given out in turns over the users, to each in the
 * order of asking, because a crowd of one user's connections may use up that user's share and must not keep others from
 * theirs. The other half is for rests, which cannot be refused: when they are over it, or so many that nobody gets a page
 * any more, those who have stalled for longest lose their connection.
 */
final class ReplayBudget {
  /** What is lent at a time. */
  static final int PAGE_BYTES = 64 * 1024;

  private final Budgets budgets;
  private final Budget budget;
  private final Map<Long, Queue<Loan>> waiting = new LinkedHashMap<>();
  private final Set<Loan> resting = new LinkedHashSet<>();
  private long given;
  private long pageBytes;
  private long restBytes;

  /** What the connections hold that were told to end, and have not yet. */
  private long evictedBytes;

  ReplayBudget(Budgets budgets) {
    this.budgets = budgets;
    this.budget = budgets.replay();
  }

  /**
   * The account of a connection that has begun to hold something.
   *
   * @param loop where its pages are read
   * @param evict ends the connection, called by {@code loop}
   */
  Loan open(InetAddress client, long userId, Executor loop, Runnable evict) {
    Holder holder = budgets.holder(client);
    holder.user(userId);
    return new Loan(this, holder, userId, loop, evict);
  }

  /** How many pages were given out so far. */
  synchronized long given() {
    return given;
  }

  // ---- for Loan ----

  /** Takes room for a page; false: its turn comes, and is told by {@link Loan#given}. */
  synchronized boolean takePage(Loan loan) {
    if (!waiting.containsKey(loan.userId) && give(loan)) {
      return true;
    }
    waiting.computeIfAbsent(loan.userId, user -> new ArrayDeque<>()).add(loan);
    return false;
  }

  private boolean give(Loan loan) {
    if (!hasRoomForPage()
        || !loan.holder.hasRoom(budget, PAGE_BYTES)
        || !loan.holder.reserve(budget, PAGE_BYTES)) {
      return false;
    }
    pageBytes += PAGE_BYTES;
    given++;
    return true;
  }

  private boolean hasRoomForPage() {
    return pageBytes == 0 || pageBytes + PAGE_BYTES <= budget.limit() / 2;
  }

  /** It does not wait any more. */
  synchronized void stopWaiting(Loan loan) {
    Queue<Loan> ofUser = waiting.get(loan.userId);
    if (ofUser != null && ofUser.remove(loan) && ofUser.isEmpty()) {
      waiting.remove(loan.userId);
    }
  }

  /** The page is so much longer than what was taken for it. */
  synchronized void growPage(Loan loan, long bytes) {
    pageBytes += bytes;
    loan.holder.force(budget, bytes);
  }

  /** A page of {@code bytes} came back; whoever waits for its room is told. */
  void returnPage(Loan loan, long bytes) {
    List<Loan> next;
    synchronized (this) {
      pageBytes -= bytes;
      loan.holder.release(budget, bytes);
      next = giveWaiting();
    }
    next.forEach(Loan::given);
  }

  /** So many bytes more, or less, wait for its socket; {@code rests}: some are left. They cannot be refused. */
  void rest(Loan loan, long moreBytes, boolean rests) {
    List<Loan> evicted = List.of();
    List<Loan> next = List.of();
    synchronized (this) {
      restBytes += moreBytes;
      if (moreBytes > 0) {
        loan.holder.force(budget, moreBytes);
      } else {
        loan.holder.release(budget, -moreBytes);
      }
      if (rests) {
        resting.add(loan);
        evicted = evict(null, restBytes - budget.limit() / 2);
      } else {
        resting.remove(loan);
        next = giveWaiting();
      }
    }
    evicted.forEach(Loan::evict);
    next.forEach(Loan::given);
  }

  /** The connection is gone: everything is given back, its page and its rest. */
  void close(Loan loan, long page, long rest) {
    List<Loan> next;
    synchronized (this) {
      stopWaiting(loan);
      pageBytes -= page;
      restBytes -= rest;
      resting.remove(loan);
      loan.holder.close();
      evictedBytes -= loan.evictedBytes;
      loan.evictedBytes = 0;
      next = giveWaiting();
    }
    next.forEach(Loan::given);
  }

  /**
   * It has waited for long, and nobody was given a page meanwhile: others' rests are in the way, unless it is its own
   * user's share that is used up.
   */
  void claim(Loan loan) {
    List<Loan> evicted;
    synchronized (this) {
      evicted = loan.holder.hasShare(budget, PAGE_BYTES) ? evict(loan, PAGE_BYTES) : List.of();
    }
    evicted.forEach(Loan::evict);
  }

  // One page to each user per turn, as long as there is room.
  private List<Loan> giveWaiting() {
    if (waiting.isEmpty() || !hasRoomForPage()) {
      return List.of();
    }
    List<Loan> next = new ArrayList<>();
    for (Long user : List.copyOf(waiting.keySet())) {
      Queue<Loan> ofUser = waiting.get(user);
      Loan first = ofUser == null ? null : ofUser.peek();
      if (ofUser != null && first != null && give(first)) {
        ofUser.remove();
        waiting.remove(user);
        if (!ofUser.isEmpty()) {
          waiting.put(user, ofUser); // behind the others
        }
        next.add(first);
      }
      if (!hasRoomForPage()) {
        break;
      }
    }
    return next;
  }

  // They are told outside the lock. Those who rest for longest, other users' than the one who asks,
  // until so many bytes will be free.
  private List<Loan> evict(@Nullable Loan asking, long bytes) {
    List<Loan> evicted = new ArrayList<>();
    long missing = bytes - evictedBytes;
    Iterator<Loan> longest = resting.iterator();
    while (missing > 0 && longest.hasNext()) {
      Loan loan = longest.next();
      if (loan.evictedBytes == 0 && (asking == null || loan.userId != asking.userId)) {
        longest.remove();
        loan.evictedBytes = loan.holder.held(budget);
        evictedBytes += loan.evictedBytes;
        missing -= loan.evictedBytes;
        evicted.add(loan);
      }
    }
    return evicted;
  }
}
