package io.gochat.bench.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody is looking, and typing. Stateless. */
public final class Terminal {
  private Terminal() {}

  /** Whether standard input is a terminal. */
  public static boolean isInput() {
    return isTerminal(0);
  }

  /** Whether standard output is a terminal. */
  public static boolean isOutput() {
    return isTerminal(1);
  }

  // Since JDK 22 the console exists without a terminal too, and JDK 17 cannot ask for one
  // direction: the kernel can.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    try {
      String device = Files.readSymbolicLink(link).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }
}
