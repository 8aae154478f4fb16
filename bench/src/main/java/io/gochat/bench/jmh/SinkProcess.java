package io.gochat.bench.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The forked {@link Sink}. Not thread-safe; ends the process on {@link #close()}. */
final class SinkProcess implements AutoCloseable {
  private static final long POLL_NS = 30_000;
  private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);
  private static final int ADDRESSES = 8;

  private final Path counterFile;
  private final MappedByteBuffer counter;
  private final Process process;
  private final int port;

  SinkProcess() throws IOException {
    counterFile = Files.createTempFile("gochat-sink", ".count");
    try (RandomAccessFile file = new RandomAccessFile(counterFile.toFile(), "rw")) {
      counter = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
    }
    counter.order(ByteOrder.nativeOrder());
    process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Sink.class.getName(),
            counterFile.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    port = readPort();
  }

  /** Where connection {@code index} goes: several addresses, so that the ports of one are not used up. */
  InetSocketAddress address(int index) {
    return new InetSocketAddress("127.0.0." + (1 + index % ADDRESSES), port);
  }

  /** Bytes that it has got. */
  long received() {
    return counter.getLong(0);
  }

  /** Waits until it has got {@code bytes} in all. */
  void awaitReceived(long bytes) {
    long deadlineNs = System.nanoTime() + TIMEOUT_NS;
    while (received() < bytes) {
      LockSupport.parkNanos(POLL_NS);
      if (System.nanoTime() > deadlineNs) {
        throw new IllegalStateException("the sink got " + received() + " of " + bytes + " bytes");
      }
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    Files.deleteIfExists(counterFile);
  }

  private int readPort() throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.matches("[0-9]{1,5}")) {
        return Integer.parseInt(line);
      }
    }
    throw new IOException("the sink did not start");
  }
}
