package io.gochat.server.redis;

import io.gochat.protocol.Message;
import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.testing.TestResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Two nodes' stores on a Redis of their own, and what each is told. Belongs to one test thread. */
final class RedisPair implements AutoCloseable {
  static final Topic ROOM = Topic.room(7);

  final TestResources opened = new TestResources();

  // Else Redis may hold writes back for two seconds while an earlier fsync is slow.
  final RedisProcess redis = opened.add(RedisProcess.start("--appendfsync", "always"));
  final RedisStore near = openStore();
  final RedisStore far = openStore();
  final RecordingListener nearEar = listen(near);
  final RecordingListener farEar = listen(far);

  @Override
  public void close() {
    opened.close();
  }

  void watchOnBoth() {
    near.log().watch(ROOM).join();
    far.log().watch(ROOM).join();
  }

  static CompletableFuture<PublishResult> publish(
      RedisStore store, String text, @Nullable String key) {
    return store.log().publish(new Publication(ROOM, 3, "user-3", "", text, key));
  }

  /** Everything that the room keeps. */
  static List<String> texts(MessageLog log) {
    List<String> texts = new ArrayList<>();
    long next = 1;
    while (true) {
      LogSlice slice = log.read(ROOM, next, 1_000, 1 << 24).join();
      for (LoggedMessage message : slice.messages()) {
        try {
          texts.add(Message.parseFrom(message.bytes()).getText());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
          throw new CompletionException(e);
        }
        next = message.seq() + 1;
      }
      if (slice.messages().isEmpty()) {
        return texts;
      }
    }
  }

  RedisStore openStore() {
    // What is accepted here must not fail because the machine is busy.
    return openStore(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofSeconds(10)));
  }

  RedisStore openStore(RedisOptions options) {
    return opened.add(SharedRedis.open(options));
  }

  private static RecordingListener listen(RedisStore store) {
    RecordingListener listener = new RecordingListener();
    store.log().listener(listener);
    return listener;
  }
}
