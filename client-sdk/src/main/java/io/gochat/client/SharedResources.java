package io.gochat.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The event loops and worker threads that all clients of a process share unless they bring their own: made with the
 * first client, released with the last. Thread-safe. All threads are daemons: a forgotten client does not keep a
 * process alive.
 */
final class SharedResources {
  private static final Object lock = new Object();
  private static @Nullable SharedResources current;

  private final EventLoopGroup loops;
  private final ExecutorService workers;
  private int leases;

  private SharedResources() {
    int cpus = Runtime.getRuntime().availableProcessors();
    loops = new MultiThreadIoEventLoopGroup(
        Math.min(4, cpus),
        new DefaultThreadFactory("gochat-client-io", true),
        NioIoHandler.newFactory());
    int threads = Math.max(4, 2 * cpus);
    // The queue needs no bound of its own: a client has at most one delivery task and its bounded
    // requests in it.
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        threads,
        threads,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        new DefaultThreadFactory("gochat-client", true));
    pool.allowCoreThreadTimeOut(true);
    workers = pool;
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

  private void returned() {
    synchronized (lock) {
      leases--;
      if (leases > 0) {
        return;
      }
      current = null;
    }
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    workers.shutdown();
  }

  /** One client's share. Thread-safe. */
  static final class Lease {
    private final SharedResources resources;
    private final AtomicBoolean released = new AtomicBoolean();

    private Lease(SharedResources resources) {
      this.resources = resources;
    }

    EventLoopGroup loops() {
      return resources.loops;
    }

    ExecutorService workers() {
      return resources.workers;
    }

    /** Idempotent. */
    void release() {
      if (released.compareAndSet(false, true)) {
        resources.returned();
      }
    }
  }
}
