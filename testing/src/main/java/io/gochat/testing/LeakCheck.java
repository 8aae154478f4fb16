package io.gochat.testing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which a Netty buffer was found leaked. JUnit finds it by itself in every module: surefire puts
 * it on the class path and switches the search for extensions on. What is collected later fails a later class, and is
 * told with the places where it was last touched. A second run of the class does not make it good.
 */
public final class LeakCheck implements AfterAllCallback {
  private static final Map<Class<?>, String> FOUND = new ConcurrentHashMap<>();

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (context.getRequiredTestClass().getEnclosingClass() != null) {
      return; // once for all that is nested
    }
    Class<?> test = context.getRequiredTestClass();
    List<String> leaks = LeakDetector.takeLeaks();
    if (!leaks.isEmpty()) {
      FOUND.put(
          test,
          leaks.size() + " leak(s), found after " + context.getDisplayName() + ":\n"
              + String.join("\n", leaks));
    }
    String found = FOUND.get(test);
    if (found != null) {
      throw new AssertionError(found);
    }
  }
}
