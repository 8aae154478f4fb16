package io.gochat.bench.process;

import io.gochat.bench.common.OwnCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A server that a run starts for itself, in a process of its own with the JVM and the flags of {@code ./gochat}. Not
 * thread-safe; ends the process on {@link #close()}, and forgets its data.
 */
public final class FreshServer implements AutoCloseable {
  private static final int UNSAFE_WARNS_FROM = 24;
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(15);

  private final ServerProcess process;
  private final ScratchDirectory directory;
  private final Optional<OwnCertificate> own;
  private final AtExit end;

  private FreshServer(
      ServerProcess process, ScratchDirectory directory, Optional<OwnCertificate> own, AtExit end) {
    this.process = process;
    this.directory = directory;
    this.own = own;
    this.end = end;
  }

  /**
   * GoChat with its defaults, what {@code GOCHAT_…} variables say, and fresh data below the current directory.
   *
   * @param jvm options of its JVM, beside those of {@code ./gochat}
   * @param flags of the server, beside where it listens and its directory
   */
  public static FreshServer gochat(List<String> jvm, List<String> flags)
      throws IOException, InterruptedException {
    return gochat(ScratchDirectory.make(), jvm, flags, Optional.empty());
  }

  /** The same, which speaks TLS as well, with a {@link #certificate} of its own. */
  public static FreshServer gochatWithTls(List<String> jvm, List<String> flags)
      throws IOException, InterruptedException {
    ScratchDirectory directory = ScratchDirectory.make();
    OwnCertificate own = OwnCertificate.in(directory.path());
    return gochat(directory, jvm, flags, Optional.of(own));
  }

  private static FreshServer gochat(
      ScratchDirectory directory,
      List<String> jvm,
      List<String> flags,
      Optional<OwnCertificate> own)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(
        "io.gochat.server.Main",
        "server",
        "--host=127.0.0.1",
        "--port=0",
        "--data-dir=" + directory.path().resolve("data")));
    own.ifPresent(certificate -> arguments.addAll(List.of(certificate.flags())));
    arguments.addAll(flags);
    return start(directory, jvm, arguments, own);
  }

  /** Another program of ours that says when it is ready. */
  public static FreshServer of(Class<?> main) throws IOException, InterruptedException {
    return start(ScratchDirectory.make(), List.of(), List.of(main.getName()), Optional.empty());
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), process.port());
  }

  /** What its clients must trust; empty: it speaks no TLS. */
  public Optional<Path> certificate() {
    return own.map(OwnCertificate::certificate);
  }

  /** What the kernel says about it. */
  public ProcessProbe probe() {
    return new ProcessProbe(process.pid());
  }

  /** Where accounts of the run are kept: they end with it. */
  public Path usersFile() {
    return directory.path().resolve("users.json");
  }

  /** What it has printed. */
  public Path log() {
    return directory.path().resolve("server.log");
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** The most resident memory that it ever had, in MiB; 0 where the system does not tell. */
  public long residentMiB() {
    return process.residentMiB();
  }

  /** Ends the process, if it runs; what it has written stays until {@link #close()}. */
  public void stop() throws InterruptedException {
    process.terminate(STOP_DEADLINE);
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
    end.forget();
    directory.close();
  }

  private static FreshServer start(
      ScratchDirectory directory,
      List<String> jvm,
      List<String> mainAndArguments,
      Optional<OwnCertificate> own)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        ServerProcess.javaExecutable(),
        "-XX:-UsePerfData",
        "-XX:+UseParallelGC",
        "--enable-native-access=ALL-UNNAMED"));
    if (Runtime.version().feature() >= UNSAFE_WARNS_FROM) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(mainAndArguments);
    try {
      ServerProcess process = ServerProcess.start(
          new ProcessBuilder(command), directory.path().resolve("server.log"), START_DEADLINE);
      return new FreshServer(process, directory, own, AtExit.run(process::end));
    } catch (IOException | InterruptedException e) {
      directory.close();
      throw e;
    }
  }
}
