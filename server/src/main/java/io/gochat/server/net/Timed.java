package io.gochat.server.net;

/** Something with deadlines that its event loop's {@link LoopTimer} looks at once a second. Confined to that loop. */
public interface Timed {
  /** Called about once a second with a monotonic time in milliseconds; may deregister itself. */
  void onTick(long nowMs);

  /** Where the timer keeps this; owned by the timer. -1: not registered. */
  int timerSlot();

  /** Owned by the timer. */
  void timerSlot(int slot);
}
