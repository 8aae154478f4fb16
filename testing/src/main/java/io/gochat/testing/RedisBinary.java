package io.gochat.testing;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The {@code redis-server} that a test starts: the one that {@code REDIS_SERVER} names, else that on the path, else the
 * 6.2 in the embedded-redis jar. Stateless.
 */
public final class RedisBinary {
  private RedisBinary() {}

  /** Where it is; {@code directory} is where it is put when it must be unpacked. */
  public static String find(Path directory) throws IOException {
    String configured = System.getenv().getOrDefault("REDIS_SERVER", "");
    if (!configured.isEmpty()) {
      return configured;
    }
    for (String each : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(each, "redis-server");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    return unpacked(directory);
  }

  private static String unpacked(Path directory) throws IOException {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
    String name = mac
        ? arm ? "redis-server-6.2.6-v5-darwin-arm64" : "redis-server-6.2.6-v5-darwin-amd64"
        : arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
    try (InputStream in = RedisBinary.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        throw new IOException("no redis-server on the path, none in REDIS_SERVER, no " + name);
      }
      Path binary = directory.resolve("redis-server");
      Files.write(binary, in.readAllBytes());
      if (!binary.toFile().setExecutable(true)) {
        throw new IOException("cannot make " + binary + " executable");
      }
      return binary.toString();
    }
  }
}
