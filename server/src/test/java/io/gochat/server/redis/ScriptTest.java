package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.failure.Failure;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** How a call of a script fails. */
class ScriptTest {
  private static final Script SCRIPT = Script.load("time");

  @Test
  void what_the_client_throws_is_a_failed_answer() {
    RedisException closed = new RedisException("Connection is closed");
    RedisClusterAsyncCommands<byte[], byte[]> redis = throwing(closed);

    CompletionStage<?> answer = SCRIPT.call(redis, new byte[0][]);

    assertThat(answer).isCompletedExceptionally();
    assertThat(answer.toCompletableFuture().handle((done, failure) -> failure).join())
        .satisfies(failure -> assertThat(Failure.cause(failure)).isSameAs(closed));
  }

  @SuppressWarnings("unchecked")
  private static RedisClusterAsyncCommands<byte[], byte[]> throwing(RuntimeException failure) {
    return (RedisClusterAsyncCommands<byte[], byte[]>) Proxy.newProxyInstance(
        ScriptTest.class.getClassLoader(),
        new Class<?>[] {RedisClusterAsyncCommands.class},
        (proxy, method, arguments) -> {
          throw failure;
        });
  }
}
