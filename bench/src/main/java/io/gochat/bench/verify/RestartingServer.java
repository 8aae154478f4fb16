package io.gochat.bench.verify;

import io.gochat.bench.api.HttpLink;
import io.gochat.bench.process.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that a run starts, kills and starts again on the same directory. The faults are confined to one thread at a
 * time; the counters and the address may be read from any.
 */
final class RestartingServer implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final ProcessBuilder command;
  private final Path log;
  private final ServerClock clock;
  private final Consumer<@Nullable InetSocketAddress> addressListener;
  private final AtomicLong kills = new AtomicLong();
  private final AtomicLong pauses = new AtomicLong();
  private final AtomicLong forward = new AtomicLong();
  private final AtomicLong back = new AtomicLong();
  private final AtomicLong pastStarts = new AtomicLong();
  private final AtomicLong slowestStartMs = new AtomicLong();
  private final AtomicLong residentMiB = new AtomicLong();
  private volatile @Nullable ServerProcess process;
  private volatile boolean ended;

  /** Starts with {@code command}; whoever listens is told each new address, and null while there is none. */
  RestartingServer(
      ProcessBuilder command,
      Path log,
      ServerClock clock,
      Consumer<@Nullable InetSocketAddress> addressListener) {
    this.command = command;
    this.log = log;
    this.clock = clock;
    this.addressListener = addressListener;
  }

  /** Starts the process and waits until it is ready. */
  void start() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    ServerProcess started = ServerProcess.start(command, log, START_DEADLINE);
    process = started;
    if (ended) {
      started.end();
    }
    slowestStartMs.accumulateAndGet((System.nanoTime() - begun) / 1_000_000, Math::max);
    addressListener.accept(address());
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), running().port());
  }

  /** Whether it says that it can serve. */
  boolean isReady() {
    try (HttpLink link = new HttpLink(address(), null)) {
      return link.get("/readyz").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** SIGKILL, a moment of nothing, and a new process. */
  void killAndRestart(long downMs) throws IOException, InterruptedException {
    kill();
    LockSupport.parkNanos(Duration.ofMillis(downMs).toNanos());
    start();
  }

  /** SIGKILL; {@link #start} brings a new process. */
  void kill() throws InterruptedException {
    ServerProcess victim = running();
    residentMiB.accumulateAndGet(victim.residentMiB(), Math::max);
    if (!victim.isAlive()) {
      throw new IllegalStateException("the server died by itself; see " + log);
    }
    addressListener.accept(null);
    victim.kill();
    kills.incrementAndGet();
  }

  /** SIGSTOP, and SIGCONT after {@code pauseMs} milliseconds. */
  void pause(long pauseMs) throws IOException, InterruptedException {
    ServerProcess server = running();
    boolean stopped = server.pause();
    try {
      LockSupport.parkNanos(Duration.ofMillis(pauseMs).toNanos());
    } finally {
      if (server.resume() && stopped) {
        pauses.incrementAndGet();
      }
    }
  }

  /** Its wall clock is wrong by {@code offset} for {@code lastingMs} milliseconds. */
  void moveClock(Duration offset, long lastingMs) throws IOException {
    clock.moveBy(offset);
    try {
      LockSupport.parkNanos(Duration.ofMillis(lastingMs).toNanos());
    } finally {
      clock.setRight();
    }
    (offset.isNegative() ? back : forward).incrementAndGet();
  }

  /** SIGKILL, and a new process that starts with a wall clock that is wrong by {@code offset}, for a while. */
  void restartWithClock(Duration offset, long lastingMs) throws IOException, InterruptedException {
    kill();
    clock.moveBy(offset);
    try {
      start();
      LockSupport.parkNanos(Duration.ofMillis(lastingMs).toNanos());
    } finally {
      clock.setRight();
    }
    pastStarts.incrementAndGet();
  }

  long jumpsForward() {
    return forward.get();
  }

  long jumpsBack() {
    return back.get();
  }

  long startsInThePast() {
    return pastStarts.get();
  }

  long kills() {
    return kills.get();
  }

  long pauses() {
    return pauses.get();
  }

  /** The longest time from the start of a process to its ready line, in milliseconds. */
  long slowestStartMs() {
    return slowestStartMs.get();
  }

  /** The most resident memory of any process, in MiB. */
  long residentMiB() {
    ServerProcess current = process;
    return Math.max(residentMiB.get(), current == null ? 0 : current.residentMiB());
  }

  private ServerProcess running() {
    ServerProcess current = process;
    if (current == null) {
      throw new IllegalStateException("the server was not started");
    }
    return current;
  }

  /** Ends for good: nothing is started any more. */
  void end() {
    ended = true;
    ServerProcess current = process;
    if (current != null) {
      current.end();
    }
  }

  /** Kills what is left; nothing in the directory is needed any more. */
  @Override
  public void close() {
    ServerProcess current = process;
    if (current != null) {
      current.destroy();
    }
  }
}
