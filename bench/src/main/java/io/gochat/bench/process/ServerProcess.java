package io.gochat.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A GoChat server in a process of its own, with the signals that a test of crashes needs. Thread-safe. */
public final class ServerProcess {
  private static final Pattern READY = Pattern.compile("^\\w+ ready on \\S*:(\\d+) in .*");

  private final Process process;
  private final int port;

  private ServerProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts a server and waits for its ready line.
   *
   * @param builder the whole command line, and the environment
   * @param log where its output is appended, standard error too
   * @throws IOException when it does not come up; the message carries the end of its output
   */
  public static ServerProcess start(ProcessBuilder builder, Path log, Duration deadline)
      throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    List<String> tail = new ArrayList<>();
    CompletableFuture<Integer> ready = new CompletableFuture<>();
    Thread pump = new Thread(() -> pump(process, log, tail, ready), "server-output");
    pump.setDaemon(true);
    pump.start();
    try {
      return new ServerProcess(process, ready.get(deadline.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly().waitFor();
      throw new IOException(
          "the server did not start (" + String.join(" ", builder.command()) + "):\n" + join(tail),
          e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** The {@code java} that runs this process. */
  public static String javaExecutable() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String join(List<String> tail) {
    synchronized (tail) {
      return String.join("\n", tail);
    }
  }

  private static void pump(
      Process process, Path log, List<String> tail, CompletableFuture<Integer> ready) {
    try (BufferedReader lines = new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Writer out =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        out.write(line + "\n");
        out.flush();
        remember(tail, line);
        Matcher matcher = READY.matcher(line);
        if (matcher.find()) {
          ready.complete(Integer.valueOf(matcher.group(1)));
        }
      }
    } catch (IOException e) {
      ready.completeExceptionally(new UncheckedIOException(e));
    }
    ready.completeExceptionally(new IOException("it exited before it was ready"));
  }

  private static void remember(List<String> tail, String line) {
    synchronized (tail) {
      tail.add(line);
      if (tail.size() > 30) {
        tail.remove(0);
      }
    }
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL; returns when the process is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGKILL, without waiting. */
  public void destroy() {
    process.destroyForcibly();
  }

  /** SIGKILL; what was left of it is gone, unless the thread is interrupted. */
  public void end() {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** SIGTERM; returns the exit status, after SIGKILL if it takes longer than the deadline. */
  public int terminate(Duration deadline) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
      kill();
    }
    return process.exitValue();
  }

  /** SIGSTOP. */
  public boolean pause() throws IOException, InterruptedException {
    return signal("-STOP");
  }

  /** SIGCONT. */
  public boolean resume() throws IOException, InterruptedException {
    return signal("-CONT");
  }

  private boolean signal(String name) throws IOException, InterruptedException {
    return new ProcessBuilder("kill", name, Long.toString(pid())).start().waitFor() == 0;
  }

  /** The most resident memory that it ever had, in MiB; 0 where the system does not tell. */
  public long residentMiB() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
