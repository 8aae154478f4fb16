package io.gochat.server.bounds;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one connection holds of the budgets, on account of its client's address and, once it is known, its user.
 * Thread-safe: an answer is reserved where it is made, and given back where it is sent. Nobody is called under its lock.
 *
 * <p>Nothing can be lost: whatever is held when the connection ends is given back by {@link #close}, after which nothing
 * can be reserved, and giving back more than is held gives back what is held.
 */
public final class Holder implements AutoCloseable {
  /** Of who holds nothing, as nearly everybody does; never written. */
  private static final long[] NOTHING = {};

  private final Ledger ledger;
  private InetAddress client;
  private long userId;
  private long[] held = NOTHING; // by pool
  private @Nullable Party address; // like the user's since something was first asked for
  private @Nullable Party user;
  private boolean closed;

  Holder(Ledger ledger, InetAddress client) {
    this.ledger = ledger;
    this.client = client;
  }

  /**
   * Takes {@code bytes}, all or nothing; false, and counted, when there is no room for them: in all, for this user or for
   * this address. To be called before the bytes are made, with their encoded size.
   */
  public synchronized boolean reserve(Budget budget, long bytes) {
    return !closed && reserve(budget, bytes, bytes) >= bytes;
  }

  /**
   * Takes {@code wanted} bytes, or {@code least} where that is too much, so that the next ones need not ask.
   *
   * @return how many were taken; 0, and counted once, when there is no room even for {@code least}
   */
  public synchronized long reserve(Budget budget, long wanted, long least) {
    if (closed) {
      return 0;
    }
    Refused why = take(budget.main(), wanted);
    if (why == null) {
      return wanted;
    }
    if (least < wanted) {
      why = take(budget.main(), least);
      if (why == null) {
        return least;
      }
    }
    Pool small = budget.small();
    if (small != null && user != null && least < Budget.SMALL_BYTES && take(small, least) == null) {
      return least;
    }
    budget.countRefused(why);
    return 0;
  }

  /** Whether {@code bytes} could be reserved now; nothing is taken, and nothing counted. */
  public synchronized boolean hasRoom(Budget budget, long bytes) {
    return !closed && budget.main().hasRoom(bytes, address(), user);
  }

  private @Nullable Refused take(Pool pool, long bytes) {
    Party from = address();
    long[] mine = own();
    Refused why = pool.take(bytes, from, user);
    if (why == null) {
      mine[pool.index()] += bytes;
    }
    return why;
  }

  /** On whose account it is, and in {@link #user} the user: an idle connection does not need to know. */
  private Party address() {
    if (user == null && userId != 0) {
      user = ledger.users().enter(userId);
    }
    Party known = address;
    if (known == null) {
      known = ledger.addresses().enter(AddressKey.of(client));
      address = known;
    }
    return known;
  }

  /** To be asked for before anything is taken: who finds no memory for it has taken nothing. */
  private long[] own() {
    if (held == NOTHING) {
      held = new long[ledger.pools().size()];
    }
    return held;
  }

  private long heldOf(Pool pool) {
    return held == NOTHING ? 0 : held[pool.index()];
  }

  /** Counts {@code bytes} that are there already, and cannot be refused any more; without effect once closed. */
  public synchronized void force(Budget budget, long bytes) {
    if (!closed) {
      Party from = address();
      long[] mine = own();
      budget.main().force(bytes, from, user);
      mine[budget.main().index()] += bytes;
    }
  }

  /** Gives {@code bytes} back, or all that is held if that is less. */
  public synchronized void release(Budget budget, long bytes) {
    Pool small = budget.small();
    long rest = bytes - (small == null ? 0 : give(small, bytes));
    give(budget.main(), rest);
  }

  /** Gives back all that is held of a budget. */
  public synchronized void releaseAll(Budget budget) {
    release(budget, Long.MAX_VALUE);
  }

  private long give(Pool pool, long atMost) {
    long bytes = Math.min(atMost, heldOf(pool));
    if (bytes > 0) {
      held[pool.index()] -= bytes;
      pool.give(bytes, address(), user);
    }
    return bytes;
  }

  /**
   * Whether room is getting scarce here: more than half of all is used, or of what this address or this user may have. Who
   * does not take what waits for him has less time then.
   */
  public synchronized boolean isScarce(Budget budget) {
    return budget.isHalfUsed() || (!closed && budget.main().isScarce(address(), user));
  }

  /** How many bytes of a budget are held. */
  public synchronized long held(Budget budget) {
    Pool small = budget.small();
    return heldOf(budget.main()) + (small == null ? 0 : heldOf(small));
  }

  /** From now on it is this user's, with what is held already; 0: nobody's, signed out. */
  public synchronized void user(long id) {
    if (closed || id == userId) {
      return;
    }
    Party before = user;
    Party now = id == 0 || address == null ? null : ledger.users().enter(id);
    for (int pool = 0; pool < held.length; pool++) {
      move(pool, before, now);
    }
    if (before != null) {
      ledger.users().leave(userId);
    }
    user = now;
    userId = id;
  }

  /** From now on it is this address's, with what is held already: what a proxy says may change with each request. */
  public synchronized void address(InetAddress other) {
    AddressKey before = AddressKey.of(client);
    AddressKey key = AddressKey.of(other);
    if (closed || key.equals(before)) {
      return;
    }
    if (address != null) {
      Party now = ledger.addresses().enter(key);
      for (int pool = 0; pool < held.length; pool++) {
        move(pool, address, now);
      }
      ledger.addresses().leave(before);
      address = now;
    }
    client = other;
  }

  private void move(int pool, @Nullable Party from, @Nullable Party to) {
    if (from != null) {
      from.add(pool, -held[pool]);
    }
    if (to != null) {
      to.add(pool, held[pool]);
    }
  }

  /** Gives everything back; nothing can be reserved any more. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Pool pool : ledger.pools()) {
      give(pool, Long.MAX_VALUE);
    }
    if (address != null) {
      ledger.addresses().leave(AddressKey.of(client));
    }
    if (user != null) {
      ledger.users().leave(userId);
    }
  }
}
