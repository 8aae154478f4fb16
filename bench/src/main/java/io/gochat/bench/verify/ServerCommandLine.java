package io.gochat.bench.verify;

import io.gochat.bench.process.ServerProcess;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a server process is started for a run. Stateless. */
final class ServerCommandLine {
  private ServerCommandLine() {}

  /** A small server, quick to start, nothing limited; {@code more} are flags of it. */
  static ProcessBuilder of(VerifyOptions options, Path dataDir, int port, String... more) {
    return ofNode(options, 0, dataDir, port, more);
  }

  /** The same for one of several nodes, which may be of another release than the others. */
  static ProcessBuilder ofNode(
      VerifyOptions options, int node, Path dataDir, int port, String... more) {
    List<String> command = new ArrayList<>(
        options.serverCommand.isEmpty() ? jar(options, node) : options.serverCommand);
    command.addAll(List.of(
        "--host", "127.0.0.1",
        "--port", Integer.toString(port),
        "--data-dir", dataDir.toString(),
        "--durability", options.durability,
        "--bcrypt-cost", "4",
        "--heartbeat", "2s",
        "--login-failures-per-minute", "0",
        // A token that is shown anew is judged by the wall clock, which faults move by weeks.
        "--session-ttl", "100d",
        "--retention-count", "10000000"));
    command.addAll(List.of(more));
    command.add(1, "-D" + ServerClock.PROPERTY + "=" + ServerClock.file(dataDir));
    // Flags alone decide; what is set for some other server must not.
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("GOCHAT_"));
    return builder;
  }

  private static List<String> jar(VerifyOptions options, int node) {
    List<Path> jars = options.serverJars;
    Path jar = locateJar(jars.isEmpty() ? null : jars.get(node % jars.size()));
    return List.of(
        ServerProcess.javaExecutable(),
        "-Xmx384m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-jar",
        jar.toString());
  }

  /** Fails unless all that is to be started is there. */
  static void requireJars(VerifyOptions options) {
    if (options.serverJars.isEmpty()) {
      locateJar(null);
    }
    options.serverJars.forEach(ServerCommandLine::locateJar);
  }

  /** The given jar, or the one that this working copy has built. */
  static Path locateJar(@Nullable Path given) {
    if (given != null) {
      return existing(given);
    }
    Path relative = Path.of("server", "target", "gochat-server.jar");
    List<Path> candidates = new ArrayList<>(List.of(relative, Path.of("..").resolve(relative)));
    try {
      // <root>/bench/target/gochat-bench.jar or <root>/bench/target/classes
      Path here = Path.of(ServerCommandLine.class
          .getProtectionDomain()
          .getCodeSource()
          .getLocation()
          .toURI());
      candidates.add(here.resolve("../../..").normalize().resolve(relative));
      // A release has them side by side.
      candidates.add(here.resolveSibling("gochat-server.jar"));
    } catch (URISyntaxException e) {
      throw new IllegalStateException("where are our own classes?", e);
    }
    return candidates.stream()
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(
                "no server/target/gochat-server.jar: build it (./mvnw -DskipTests package) or name it with --server-jar"));
  }

  private static Path existing(Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw new IllegalArgumentException("no such file: " + jar);
    }
    return jar;
  }
}
