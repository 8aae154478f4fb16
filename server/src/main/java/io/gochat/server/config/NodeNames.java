package io.gochat.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;

/** Names for nodes that were given none. Stateless. */
final class NodeNames {
  private static final int MAX_HOST_CHARS = 48;

  private NodeNames() {}

  /** The host's name and something random, so that two unnamed nodes of one host differ. */
  static String ofThisHost() {
    String host = hostname().replaceAll("[^A-Za-z0-9._-]", "");
    String start =
        host.isEmpty() ? "node" : host.substring(0, Math.min(host.length(), MAX_HOST_CHARS));
    return start + "-" + String.format(Locale.ROOT, "%06x", new SecureRandom().nextInt(1 << 24));
  }

  // Not InetAddress.getLocalHost(): that may wait for a name server.
  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      String name = System.getenv("HOSTNAME");
      return name == null ? "" : name;
    }
  }
}
