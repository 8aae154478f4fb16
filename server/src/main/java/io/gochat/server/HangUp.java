package io.gochat.server;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SIGHUP as the word for "read your files again". Stateless. */
final class HangUp {
  private static final Logger log = LoggerFactory.getLogger(HangUp.class);

  private HangUp() {}

  /**
   * Runs {@code task} on each SIGHUP, on a thread of the JVM's. Not where standard input is a terminal: there the signal
   * says that the terminal was closed, and still ends the process.
   */
  static void run(Runnable task) {
    if (isTerminal()) {
      return;
    }
    try {
      // By reflection: the class is in every JDK, but javac
      // has no way to be told that we know what it is.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onSignal = Proxy.newProxyInstance(
          HangUp.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              task.run();
            }
            return null;
          });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), onSignal);
    } catch (ReflectiveOperationException | RuntimeException e) {
      log.debug("SIGHUP is not to be had here", e);
    }
  }

  private static boolean isTerminal() {
    try {
      String input = Path.of("/dev/stdin").toRealPath().toString();
      return Files.exists(Path.of(input)) && input.matches("/dev/(pts/.*|tty.*|console)");
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
