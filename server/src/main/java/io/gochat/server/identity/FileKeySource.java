package io.gochat.server.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Keys in a file, which may be replaced at any time; small and local, so it is read by whoever asks. Immutable. */
record FileKeySource(Path file) implements KeySource {
  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public CompletableFuture<Fetched> fetch() {
    try {
      return CompletableFuture.completedFuture(new Fetched(Files.readString(file)));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
