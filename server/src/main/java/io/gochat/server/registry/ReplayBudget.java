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

/**
 * Who may have a page of the log, and who holds the rest of a frame that his socket does not take: the replay part of the
 * budgets, for all connections together. Thread-safe; the lock is held for short, and nobody is called under it.
 *
 * <p>An eighth is for pages, which come back within a second or two. They are given out in turns over the users, to each
 * in the order of asking, so a crowd of one user's connections keeps nobody waiting for longer than a turn. The other
 * seven eighths are for rests, which cannot be refused, and keep nobody from a page: when they are over it, those who have
 * stalled for longest lose their connection.
 */
final class ReplayBudget {
  /** What is lent at a time. */
  static final int PAGE_BYTES = 64 * 1024;

  private final Budgets budgets;
  private final Budget budget;
  private final long maxPageBytes;
  private final long maxRestBytes;
  private final Map<Long, Queue<Loan>> waiting = new LinkedHashMap<>();
  private final Set<Loan> resting = new LinkedHashSet<>();

  /** All rests together: on nobody's account, because they would count against their user's pages. */
  private final Holder rests;

  private long pageBytes;
  private long restBytes;

  /** What the connections hold that were told to end, and have not yet. */
  private long evictedBytes;

  ReplayBudget(Budgets budgets) {
    this.budgets = budgets;
    this.budget = budgets.replay();
    this.rests = budgets.holder(InetAddress.getLoopbackAddress());
    this.maxPageBytes = budget.limit() / 8;
    this.maxRestBytes = budget.limit() - maxPageBytes;
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
    return true;
  }

  private boolean hasRoomForPage() {
    return pageBytes == 0 || pageBytes + PAGE_BYTES <= maxPageBytes;
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

  /** So many bytes wait for its socket now: they are there, whatever the budget says. */
  void rest(Loan loan, long bytes) {
    List<Loan> evicted;
    synchronized (this) {
      changeRest(loan, bytes);
      evicted = evict(restBytes - evictedBytes - maxRestBytes);
    }
    evicted.forEach(Loan::evict);
  }

  private void changeRest(Loan loan, long bytes) {
    long more = bytes - loan.restBytes;
    loan.restBytes = bytes;
    restBytes += more;
    if (more > 0) {
      rests.force(budget, more);
    } else {
      rests.release(budget, -more);
    }
    if (loan.isEvicted) {
      evictedBytes += more;
    } else if (bytes > 0) {
      resting.add(loan);
    } else {
      resting.remove(loan);
    }
  }

  /** The connection is gone: everything is given back. */
  void close(Loan loan, long page) {
    List<Loan> next;
    synchronized (this) {
      stopWaiting(loan);
      changeRest(loan, 0);
      pageBytes -= page;
      loan.holder.close();
      next = giveWaiting();
    }
    next.forEach(Loan::given);
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

  // Those who rest for longest, until so many bytes will be free.
  private List<Loan> evict(long bytes) {
    List<Loan> evicted = new ArrayList<>();
    long missing = bytes;
    Iterator<Loan> longest = resting.iterator();
    while (missing > 0 && longest.hasNext()) {
      Loan loan = longest.next();
      longest.remove();
      loan.isEvicted = true;
      evictedBytes += loan.restBytes;
      missing -= loan.restBytes;
      evicted.add(loan);
    }
    return evicted;
  }
}
