package io.gochat.server.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds the addresses of names, on threads of its own, because that blocks. Thread-safe.
 *
 * <p>Names are looked up once for each connection, and the connection is made to the very address that was checked: a
 * name that stands for another address a moment later gains nothing.
 */
final class NameLookup implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int WAITING = 256;

  private final Names names;
  private final ThreadPoolExecutor executor;

  /** Where names are looked up. */
  @FunctionalInterface
  interface Names {
    /** All addresses of a name. */
    InetAddress[] addresses(String name) throws UnknownHostException;
  }

  /** The address must not be connected to. */
  static final class ForbiddenException extends Exception {
    private static final long serialVersionUID = 1;

    ForbiddenException(String sentence) {
      super(sentence);
    }
  }

  NameLookup(Names names) {
    this.names = names;
    this.executor = new ThreadPoolExecutor(
        THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
          Thread thread = new Thread(task, "gochat-webhook-names");
          thread.setDaemon(true);
          return thread;
        });
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * An address to connect to; fails with {@link ForbiddenException} when the endpoint has one that is not public, and
   * may not. A name that has both kinds is refused: nobody who means well has one.
   */
  CompletableFuture<InetAddress> of(Endpoint endpoint) {
    CompletableFuture<InetAddress> found = new CompletableFuture<>();
    try {
      executor.execute(() -> {
        try {
          found.complete(choose(endpoint, List.of(names.addresses(endpoint.host()))));
        } catch (UnknownHostException | ForbiddenException | RuntimeException | Error e) {
          found.completeExceptionally(e);
        }
      });
    } catch (RejectedExecutionException e) {
      found.completeExceptionally(e);
    }
    return found;
  }

  private static InetAddress choose(Endpoint endpoint, List<InetAddress> addresses)
      throws ForbiddenException, UnknownHostException {
    if (addresses.isEmpty()) {
      throw new UnknownHostException(endpoint.host());
    }
    for (InetAddress address : addresses) {
      if (!endpoint.allowPrivate() && !AddressRules.isPublic(address)) {
        throw new ForbiddenException(
            endpoint.host() + " is at " + address.getHostAddress() + ", which is not public");
      }
    }
    return addresses.get(0);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
