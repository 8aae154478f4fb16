package io.gochat.client;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Looks names up, on threads of its own: a name server that does not answer holds up nobody but those who wait for it.
 * One look-up per name at a time, however many clients ask. Thread-safe.
 */
final class Names {
  /** Asks a name server. */
  @FunctionalInterface
  interface Lookup {
    /** All addresses; may block for as long as the name server likes. */
    InetAddress[] all(String host) throws UnknownHostException;
  }

  private final Lookup lookup;
  private final ConcurrentHashMap<String, CompletableFuture<List<InetAddress>>> underWay =
      new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(new DefaultThreadFactory("gochat-client-names", true));

  /** As the JVM looks names up. */
  Names() {
    this(InetAddress::getAllByName);
  }

  Names(Lookup lookup) {
    this.lookup = lookup;
  }

  /** All addresses of a name, at least one; fails with an {@link UnknownHostException}. */
  CompletableFuture<List<InetAddress>> addresses(String host) {
    CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> other = underWay.putIfAbsent(host, mine);
    if (other != null) {
      return other;
    }
    threads.execute(() -> {
      try {
        List<InetAddress> found = List.of(lookup.all(host));
        underWay.remove(host);
        mine.complete(found);
      } catch (UnknownHostException | RuntimeException | Error e) {
        underWay.remove(host);
        mine.completeExceptionally(e);
      }
    });
    return mine;
  }

  void shutdown() {
    threads.shutdown();
  }
}
