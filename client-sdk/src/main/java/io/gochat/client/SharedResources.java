package io.gochat.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The event loops and worker threads that all clients of a process share unless they bring their own: made when the
 * first client needs them, released with the last. Thread-safe. All threads are daemons: a forgotten client does not keep
 * a process alive.
 */
final class SharedResources {
  private static final Object lock = new Object();
  private static final int BLOCKING_THREADS = 8;
  private static @Nullable SharedResources current;

  private final ListenerThreads listeners = new ListenerThreads();
  private final Names names = new Names();
  private final ExecutorService blocking = blocking();
  private @Nullable EventLoopGroup loops; // guarded by the lock
  private int leases;

  private SharedResources() {}

  private static ExecutorService blocking() {
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        BLOCKING_THREADS,
        BLOCKING_THREADS,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        new DefaultThreadFactory("gochat-client-blocking", true));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Takes part; give back with {@link Lease#release}. */
  static Lease lease() {
    synchronized (lock) {
      SharedResources resources = current;
      if (resources == null) {
        resources = new SharedResources();
        current = resources;
      }
      resources.leases++;
      return new Lease(resources);
    }
  }

  /** Whether anybody holds a lease. */
  static boolean isInUse() {
    synchronized (lock) {
      return current != null;
    }
  }

  /** Whether event loops of our own were made. */
  static boolean hasLoops() {
    synchronized (lock) {
      return current != null && current.loops != null;
    }
  }

  @SuppressWarnings("deprecation") // its successor does not exist in Netty 4.1
  private EventLoopGroup loops() {
    synchronized (lock) {
      EventLoopGroup present = loops;
      if (present == null) {
        present = new NioEventLoopGroup(
            Math.min(4, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("gochat-client-io", true));
        loops = present;
      }
      return present;
    }
  }

  private void returned() {
    EventLoopGroup made;
    synchronized (lock) {
      leases--;
      if (leases > 0) {
        return;
      }
      current = null;
      made = loops;
    }
    if (made != null) {
      made.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }
    listeners.shutdown();
    names.shutdown();
    blocking.shutdown();
  }

  /** One client's share. Thread-safe. */
  static final class Lease {
    private final SharedResources resources;
    private final AtomicBoolean released = new AtomicBoolean();

    private Lease(SharedResources resources) {
      this.resources = resources;
    }

    /** Made at the first call. */
    EventLoopGroup loops() {
      return resources.loops();
    }

    /** Where listeners are called and futures completed. */
    Executor listeners() {
      return resources.listeners;
    }

    /** For what may wait for a disk or for somebody else's code. */
    Executor blocking() {
      return resources.blocking;
    }

    Names names() {
      return resources.names;
    }

    /** Idempotent. */
    void release() {
      if (released.compareAndSet(false, true)) {
        resources.returned();
      }
    }
  }
}
