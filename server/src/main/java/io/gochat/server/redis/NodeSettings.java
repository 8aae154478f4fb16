package io.gochat.server.redis;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings that must be the same on all nodes: whoever writes next decides what is kept, so nodes that differ undo each
 * other's. Each start says what it differs in from the last one, and writes down its own. Stateless.
 */
final class NodeSettings {
  private static final Logger log = LoggerFactory.getLogger(NodeSettings.class);

  private NodeSettings() {}

  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // the client only walks through it
  static CompletionStage<Void> compare(RedisLink link, RedisOptions options) {
    Map<String, String> ours = new TreeMap<>(Map.of(
        "--retention-count",
        Long.toString(options.retention().count()),
        "--retention-age",
        options.retention().age().toMillis() + "ms",
        "--inbox-per-sender",
        Long.toString(options.retention().inboxPerSender()),
        "--dedupe-window",
        options.dedupeWindow().toMillis() + "ms"));
    return link.commands().hgetall(link.keys().settings).thenCompose(fields -> {
      Map<String, String> before = new TreeMap<>();
      fields.forEach((flag, value) -> before.put(Keys.text(flag), Keys.text(value)));
      if (before.equals(ours)) {
        return CompletableFuture.completedStage(null);
      }
      ours.forEach((flag, value) -> warn(flag, value, before.get(flag)));
      Map<byte[], byte[]> written = new LinkedHashMap<>();
      ours.forEach((flag, value) -> written.put(Keys.bytes(flag), Keys.bytes(value)));
      return link.commands()
          .hset(link.keys().settings, written)
          .thenAccept(done -> {})
          .exceptionally(
              failure -> null); // a full Redis takes no note, and a node starts all the same
    });
  }

  private static void warn(String flag, String ours, @Nullable String before) {
    if (before != null && !before.equals(ours)) {
      log.warn(
          "{} is {} here and was {} on the node that started last: it must be the same on all nodes",
          flag,
          ours,
          before);
    }
  }
}
