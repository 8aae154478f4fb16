package io.gochat.server.net;

import io.gochat.server.bounds.Warnings;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/**
 * Where something was thrown and survived: it costs one connection or one task at most, and is told. A failed allocation
 * is the operator's business, once a minute; anything else is a bug of ours, with its stack, once a second. Thread-safe;
 * never throws.
 */
public final class Faults {
  private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Logger log;
  private final Warnings warnings;
  private final AtomicLong nextLogNanos = new AtomicLong(System.nanoTime());

  /** Writes to {@code log}. */
  public Faults(Logger log) {
    this.log = log;
    this.warnings = new Warnings(log);
  }

  /** Whether the network or the peer is to blame: a reset, or bytes under TLS that are none. */
  public static boolean isOfThePeer(Throwable fault) {
    Throwable cause =
        fault instanceof DecoderException && fault.getCause() != null ? fault.getCause() : fault;
    return cause instanceof IOException;
  }

  /** {@code what} failed and was given up; everything else goes on. */
  public void survived(String what, Throwable fault) {
    try {
      if (fault instanceof OutOfMemoryError) {
        warnings.warn(
            "out of memory", "There was no memory left: " + what + " failed", fault.getMessage());
      } else {
        long now = System.nanoTime();
        long next = nextLogNanos.get();
        if (now - next >= 0 && nextLogNanos.compareAndSet(next, now + LOG_EVERY_NANOS)) {
          log.error("{} failed; everything else goes on", what, fault);
        }
      }
    } catch (RuntimeException | Error unheard) {
      // No memory to tell it with: there will be another time.
    }
  }
}
