package io.gochat.server.redis;

import io.gochat.server.failure.Failure;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A Lua script, called by its hash; what runs inside Redis is atomic. Immutable and thread-safe. After a restart, a
 * failover or {@code SCRIPT FLUSH} Redis does not know the hash, and answers so without having done anything.
 */
final class Script {
  private final byte[] source;
  private final String sha1;

  private Script(byte[] source) {
    this.source = source;
    try {
      this.sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(source));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-1", e);
    }
  }

  /** The script {@code name.lua} beside this class, for each of the names: what one defines, the later ones may use. */
  static Script load(String... names) {
    ByteArrayOutputStream source = new ByteArrayOutputStream();
    for (String name : names) {
      source.writeBytes(read(name));
    }
    return new Script(source.toByteArray());
  }

  private static byte[] read(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      if (in == null) {
        throw new IllegalStateException("missing from the jar: " + name + ".lua");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("unreadable: " + name + ".lua", e);
    }
  }

  /** Calls by hash; fails with {@link RedisNoScriptException} when Redis does not know it. */
  CompletionStage<List<Object>> callKnown(
      RedisClusterAsyncCommands<byte[], byte[]> redis, byte[][] keys, byte[]... arguments) {
    return answer(() -> redis.evalsha(sha1, ScriptOutputType.MULTI, keys, arguments));
  }

  /** Sends the source along; Redis knows the hash from then on. */
  CompletionStage<List<Object>> callWithSource(
      RedisClusterAsyncCommands<byte[], byte[]> redis, byte[][] keys, byte[]... arguments) {
    return answer(() -> redis.eval(source, ScriptOutputType.MULTI, keys, arguments));
  }

  // The client throws what it can tell before it sends (closed, no such slot), and who calls looks
  // for failures in one place.
  private static CompletionStage<List<Object>> answer(
      Supplier<CompletionStage<List<Object>>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** Calls by hash, and with the source when Redis does not know it; where the order of calls does not matter. */
  CompletionStage<List<Object>> call(
      RedisClusterAsyncCommands<byte[], byte[]> redis, byte[][] keys, byte[]... arguments) {
    return callKnown(redis, keys, arguments)
        .exceptionallyCompose(failure -> isUnknown(failure)
            ? callWithSource(redis, keys, arguments)
            : CompletableFuture.failedStage(failure));
  }

  /** Whether Redis said that it does not know the script. */
  static boolean isUnknown(Throwable failure) {
    return Failure.cause(failure) instanceof RedisNoScriptException;
  }
}
