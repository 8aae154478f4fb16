package io.gochat.bench.verify;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The Redis that a test starts: REDIS_SERVER, else that on the path, else the 6.2 in a jar. Stateless. */
final class RedisBinary {
  private RedisBinary() {}

  static String find(Path dir) throws IOException {
    String configured = System.getenv().getOrDefault("REDIS_SERVER", "");
    if (!configured.isEmpty()) {
      return configured;
    }
    for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, "redis-server");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    return unpacked(dir);
  }

  private static String unpacked(Path dir) throws IOException {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
    String name = mac
        ? arm ? "redis-server-6.2.6-v5-darwin-arm64" : "redis-server-6.2.6-v5-darwin-amd64"
        : arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
    try (InputStream in = RedisBinary.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        throw new IOException("no redis-server on the path, none in REDIS_SERVER, no " + name);
      }
      Path binary = dir.resolve("redis-server");
      Files.write(binary, in.readAllBytes());
      if (!binary.toFile().setExecutable(true)) {
        throw new IOException("cannot make " + binary + " executable");
      }
      return binary.toString();
    }
  }
}
