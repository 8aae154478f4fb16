package io.gochat.server.redis;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.Message;
import io.gochat.server.account.Account;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import io.gochat.server.store.StoreImport;
import io.lettuce.core.SetArgs;
import io.lettuce.core.XAddArgs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Fills an empty Redis with what another store held. Confined to one thread, which it blocks.
 *
 * <p>From the first write to {@link #finish} a mark says that what is there is not whole; no node starts on it, and no
 * second import. The epoch is written last, and only if there is none.
 */
public final class RedisImport implements StoreImport, AutoCloseable {
  private static final Script SESSION = Script.load("session");
  private static final SetArgs IF_ABSENT = SetArgs.Builder.nx();
  private static final int AT_ONCE = 1_000;
  private final RedisLink link;
  private final RedisOptions options;
  private final long nowMs;
  private final List<CompletionStage<?>> underWay = new ArrayList<>();
  private long lastSeq; // of the topic whose messages come
  private long positionsOf;
  private AcknowledgedPosition highest = AcknowledgedPosition.NONE;
  private long epoch;

  private RedisImport(RedisLink link, RedisOptions options, long nowMs) {
    this.link = link;
    this.options = options;
    this.nowMs = nowMs;
  }

  /**
   * Connects, and sets the mark.
   *
   * @throws RedisOpenException when Redis cannot be reached, must not be used as it is configured, or is not empty
   */
  public static RedisImport begin(RedisOptions options, long nowMs) throws IOException {
    RedisLink link = Opening.connect(options, RedisLink.Listener.NOBODY);
    RedisImport created = new RedisImport(link, options, nowMs);
    try {
      created.claim();
      return created;
    } catch (IOException e) {
      link.close();
      throw e;
    }
  }

  private void claim() throws IOException {
    // Before the mark: a living deployment must not be marked by whoever mistook its address.
    if (Failures.await(link.commands().exists(link.keys().imported)) > 0) {
      throw new RedisOpenException(halfWay(link));
    }
    refuseData();
    if (Failures.await(link.commands().set(link.keys().imported, Keys.bytes(nowMs), IF_ABSENT))
        == null) {
      throw new RedisOpenException(halfWay(link));
    }
    // And after it: a node may have started in between.
    try {
      refuseData();
    } catch (IOException e) {
      Failures.await(link.commands().del(link.keys().imported));
      throw e;
    }
  }

  private void refuseData() throws IOException {
    for (byte[] key : new byte[][] {
      link.keys().epoch, link.keys().format, link.keys().messageIds, link.keys().userIds
    }) {
      if (Failures.await(link.commands().exists(key)) > 0) {
        throw new RedisOpenException("This Redis holds data of GoChat under the prefix "
            + link.keys().prefix() + " already; give another Redis, or another --redis-prefix");
      }
    }
  }

  @Override
  public void counters(long ofEpoch, long nextMessageId, long lastUserId) throws IOException {
    epoch = ofEpoch;
    write(link.commands().set(link.keys().messageIds, Keys.bytes(nextMessageId)));
    write(link.commands().set(link.keys().userIds, Keys.bytes(lastUserId)));
  }

  /** What is said of a deployment that an import has left half full. */
  static String halfWay(RedisLink link) {
    String prefix = link.keys().prefix();
    return "A data directory was being moved into this Redis, and that was not finished: delete the keys that begin with "
        + prefix + " (redis-cli --scan --pattern '" + prefix + "*' | xargs redis-cli unlink)"
        + " and run ./gochat migrate again";
  }

  @Override
  public void account(Account account, String key) throws IOException {
    write(link.commands().set(link.keys().user(account.userId()), Keys.bytes(key)));
    write(link.commands().set(link.keys().name(key), RedisAccounts.encode(account)));
  }

  @Override
  public void session(Session session) throws IOException {
    if (session.expiresAtMs() > nowMs) { // else it has ended
      write(SESSION.call(
          link.commands(),
          new byte[][] {link.keys().session(session.id())},
          RedisSessions.arguments(session)));
      if (!session.isExternal()) {
        write(link.commands()
            .zadd(
                link.keys().sessionsOf(session.userId()),
                (double) session.expiresAtMs(),
                Keys.bytes(session.id())));
      }
    }
  }

  @Override
  public void topic(Topic topic, long last) throws IOException {
    lastSeq = last;
    write(link.commands().hset(link.keys().state(topic), Keys.bytes("last"), Keys.bytes(last)));
  }

  @Override
  public void message(Topic topic, LoggedMessage message, long createdAtMs) throws IOException {
    byte[] stored;
    try {
      stored = Message.parseFrom(message.bytes()).toBuilder().clearSeq().build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("message " + message.seq() + " of " + topic + " does not parse", e);
    }
    XAddArgs id = new XAddArgs().id(message.seq() + "-" + createdAtMs);
    write(link.commands().xadd(link.keys().messages(topic), id, Keys.bytes("m"), stored));
    if (message.seq() == lastSeq) {
      long until = createdAtMs + options.retention().age().toMillis();
      write(link.commands().pexpireat(link.keys().messages(topic), until));
    }
  }

  @Override
  public void answered(Answered answered) throws IOException {
    long window = options.dedupeWindow().toMillis();
    long current = nowMs / window;
    long written = Math.min(answered.createdAtMs() / window, current);
    if (written < current - 1) {
      return; // too long ago
    }
    Topic topic = answered.topic();
    byte[] key = link.keys().dedupe(topic, (int) (written % 2));
    String answer =
        AppendCall.hash(answered.text()) + ":" + answered.seq() + ":" + answered.messageId();
    String name = AppendCall.dedupeName(answered.fromUserId(), answered.clientMessageId());
    write(link.commands().hset(key, Keys.bytes(name), Keys.bytes(answer)));
    write(link.commands().pexpireat(key, (written + 2) * window + window));
    write(
        link.commands().hset(link.keys().state(topic), Keys.bytes("window"), Keys.bytes(current)));
  }

  @Override
  public void position(long userId, String deviceId, AcknowledgedPosition position)
      throws IOException {
    if (userId != positionsOf) {
      positionsOf = userId;
      highest = AcknowledgedPosition.NONE;
    }
    if (!deviceId.isEmpty()) {
      store(userId, RedisPositions.device(deviceId), position);
    }
    boolean counts = position.epoch() == epoch;
    boolean highestCounts = highest.epoch() == epoch;
    if (counts == highestCounts ? position.seq() > highest.seq() : counts) {
      highest = position;
      store(userId, RedisPositions.ALL, position);
    }
  }

  private void store(long userId, byte[] field, AcknowledgedPosition position) throws IOException {
    write(link.commands()
        .hset(
            link.keys().positions(userId),
            field,
            Keys.bytes(position.epoch() + ":" + position.seq())));
  }

  /** Everything is there: nodes may start. */
  public void finish() throws IOException {
    settle();
    if (Failures.await(link.commands().set(link.keys().epoch, Keys.bytes(epoch), IF_ABSENT))
        == null) {
      throw new RedisOpenException(
          "A node was started on this Redis meanwhile: stop it, delete the keys that begin with "
              + link.keys().prefix() + ", and start again");
    }
    Failures.await(link.commands().del(link.keys().imported));
  }

  /** Without {@link #finish} the mark stays. */
  @Override
  public void close() {
    link.close();
  }

  private void write(CompletionStage<?> write) throws IOException {
    underWay.add(write);
    if (underWay.size() >= AT_ONCE) {
      settle();
    }
  }

  private void settle() throws IOException {
    for (CompletionStage<?> write : underWay) {
      Failures.await(write);
    }
    underWay.clear();
  }
}
