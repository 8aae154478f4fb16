package io.gochat.testing;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a test has opened, for a field with {@code @AutoClose}: what was opened last is closed first, and all of it, even
 * where closing one fails. Confined to the test's thread.
 */
public final class TestResources implements AutoCloseable {
  private final Deque<AutoCloseable> newestFirst = new ArrayDeque<>();

  /** Returns what it is given, which is closed at the end. */
  public <T extends AutoCloseable> T add(T resource) {
    newestFirst.push(resource);
    return resource;
  }

  @Override
  public void close() {
    IllegalStateException failure =
        new IllegalStateException("not everything that a test opened was closed");
    while (!newestFirst.isEmpty()) {
      try {
        newestFirst.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure.addSuppressed(e);
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
