package io.gochat.server.redis;

import io.lettuce.core.XReadArgs;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions that other nodes ended, and accounts that they changed: a stream, read with a {@link StreamCursor}. The read waits in Redis until there is
 * something, which makes it as quick as pub/sub would be. Thread-safe; one read at a time, and each starts the next.
 */
final class Revocations {
  private static final byte[] SESSION = Keys.bytes("s");
  private static final byte[] NODE = Keys.bytes("n");
  private static final String USER = "user:";

  private static final Logger log = LoggerFactory.getLogger(Revocations.class);
  private static final long BLOCK_MS = 500;
  private static final long RETRY_MS = 200;
  private static final int AT_ONCE = 1_000;
  // More than end while a node is away for a minute; who was away longer forgets all it knows.
  private static final int KEPT = 100_000;

  private final RedisLink link;
  private final ScheduledExecutorService scheduler;
  // Of this process, not of its configured name: what it deleted itself it knows already.
  private final String origin = UUID.randomUUID().toString();
  private final StreamCursor cursor;
  private final ToldStream told;
  private volatile Consumer<String> deleted = id -> {};
  private volatile LongConsumer changed = id -> {};
  private final List<Runnable> missed = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  Revocations(RedisLink link, ScheduledExecutorService scheduler) {
    this.link = link;
    this.scheduler = scheduler;
    this.told = new ToldStream(link, link.keys().revocations, KEPT);
    this.cursor = new StreamCursor(link, link.keys().revocations, this::tell, this::missed);
  }

  void onDeleted(Consumer<String> listener) {
    deleted = listener;
  }

  void onMissed(Runnable listener) {
    missed.add(listener);
  }

  void onChanged(LongConsumer listener) {
    changed = listener;
  }

  /** Tells the other nodes that the session is over. */
  CompletionStage<Void> tellDeleted(String sessionId) {
    return told.tell(SESSION, Keys.bytes(sessionId), NODE, Keys.bytes(origin));
  }

  /** Tells the other nodes that an account is another; earlier versions take it for a session that they do not know. */
  CompletionStage<Void> tellChanged(long userId) {
    return told.tell(SESSION, Keys.bytes(USER + userId), NODE, Keys.bytes(origin));
  }

  /** Starts after what is there now; completes when nothing later can be missed. */
  CompletionStage<Void> start() {
    return cursor.start().thenRun(this::readOn);
  }

  void close() {
    closed = true;
  }

  private void readOn() {
    if (closed) {
      return;
    }
    XReadArgs args = XReadArgs.Builder.block(BLOCK_MS).count(AT_ONCE);
    cursor.read(link.waiting(), args).whenComplete((done, failure) -> {
      if (failure == null) {
        readOn();
      } else if (!closed) {
        log.debug("Revocations cannot be read now", failure);
        scheduler.schedule(this::readOn, RETRY_MS, TimeUnit.MILLISECONDS);
      }
    });
  }

  /** Nothing that is remembered of sessions counts any more. */
  void missed() {
    log.warn("Sessions may have ended without a word: every session is looked up again");
    missed.forEach(Runnable::run);
  }

  private void tell(Map<byte[], byte[]> fields) {
    String session = null;
    boolean ours = false;
    for (Map.Entry<byte[], byte[]> field : fields.entrySet()) {
      if (field.getKey()[0] == SESSION[0]) {
        session = Keys.text(field.getValue());
      } else if (field.getKey()[0] == NODE[0]) {
        ours = Keys.text(field.getValue()).equals(origin);
      }
    }
    if (session == null || ours) {
      return;
    }
    if (session.startsWith(USER)) {
      changed.accept(Long.parseLong(session.substring(USER.length())));
    } else {
      deleted.accept(session);
    }
  }
}
