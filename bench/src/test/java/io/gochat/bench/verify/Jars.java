package io.gochat.bench.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Maven has packaged before the tests named {@code …JarTest} run. They are never skipped for want of it: a missing
 * jar fails them.
 */
public final class Jars {
  private Jars() {}

  /** The server. */
  public static Path server() {
    return built("gochat.server.jar", "../server/target/gochat-server.jar");
  }

  /** The tools. */
  public static Path tools() {
    return built("gochat.bench.jar", "target/gochat-bench.jar");
  }

  /** What the crash checker says of the packaged server, in a run by these options that stays in {@code directory}. */
  static VerifyReport verify(VerifyOptions options, long seed, Path directory) throws Exception {
    System.out.println("verify, seed " + seed);
    options.seed = seed;
    options.serverJars = List.of(server());
    options.keepDir = directory;
    return new VerifyRun(options, seed, new ProgressBar(System.out, false)).run();
  }

  /** The directory with the compiled tests of this module. */
  public static Path testClasses() {
    return Path.of("target", "test-classes").toAbsolutePath();
  }

  private static Path built(String property, String fallback) {
    Path jar = Path.of(System.getProperty(property, fallback)).toAbsolutePath().normalize();
    if (!Files.isRegularFile(jar)) {
      throw new AssertionError(jar + " is missing: run ./mvnw verify, which packages it first");
    }
    return jar;
  }
}
