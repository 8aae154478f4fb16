package io.gochat.server.redis;

import java.util.concurrent.CompletionStage;

/**
 * A bounded stream by which nodes tell each other what must not wait: ended sessions, devices, presence. Also a Redis that
 * is full takes it. Immutable and thread-safe; {@link StreamCursor} reads it.
 */
final class ToldStream {
  private static final Script TELL = Script.load("tell");

  private final RedisLink link;
  private final byte[] stream;
  private final byte[] bound;

  /** About {@code kept} entries are kept. */
  ToldStream(RedisLink link, byte[] stream, long kept) {
    this.link = link;
    this.stream = stream;
    this.bound = Keys.bytes(kept);
  }

  /** Tells fields and values, in turn; completes when Redis has it. */
  CompletionStage<Void> tell(byte[]... fieldsAndValues) {
    byte[][] arguments = new byte[fieldsAndValues.length + 1][];
    arguments[0] = bound;
    System.arraycopy(fieldsAndValues, 0, arguments, 1, fieldsAndValues.length);
    return TELL.call(link.commands(), new byte[][] {stream}, arguments).thenAccept(id -> {});
  }
}
