package io.gochat.client;

import java.io.IOException;
import java.util.Map;

/**
 * Keeps what was handed over beyond the life of the process, so that the next one resumes from there. One store
 * belongs to one user on one device. Implementations are called by one thread at a time, which they may block.
 */
public interface PositionStore {
  /** What was saved last; empty at first. */
  Map<Topic, Position> load() throws IOException;

  /** Replaces what was saved; when this returns it must survive a crash. */
  void save(Map<Topic, Position> positions) throws IOException;
}
