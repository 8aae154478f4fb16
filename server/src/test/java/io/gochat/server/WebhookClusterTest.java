package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.server.redis.RedisProcess;
import io.gochat.server.webhook.ReceivingEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks and a real Redis Cluster, of one master. */
@Timeout(120)
class WebhookClusterTest {
  private static final int SLOTS = 16_384;

  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();
  private final RedisProcess redis = nodes.redis("--cluster-enabled", "yes");

  @AfterEach
  void close() throws Exception {
    nodes.close();
  }

  @Test
  void webhooks_are_refused_at_the_start_and_a_server_without_them_runs() throws Exception {
    redis.ask(r -> r.clusterAddSlots(IntStream.range(0, SLOTS).toArray()));
    await().until(() -> redis.ask(r -> r.clusterInfo()).contains("cluster_state:ok"));
    try (ReceivingEndpoint endpoint = ReceivingEndpoint.start()) {
      Path hooks = Files.writeString(
          directory.resolve("hooks"), "[" + endpoint.asJson("crm", "message.published") + "]");

      assertThatThrownBy(() -> nodes.start(redis, "near", "--webhooks=" + hooks))
          .isInstanceOf(StartException.class)
          .hasMessage(
              "--webhooks does not work on a Redis Cluster: what is told must be written in one step"
                  + " with the message. Use one Redis, or Sentinel.");

      // What the refused one had taken, the node's name among it, is free again.
      Server near = nodes.start(redis, "near");
      Nodes.User alice = nodes.signIn(near, "alice");
      assertThat(nodes.pushRoom(near, alice, 7, "hello", "").status()).isEqualTo(200);
      assertThat(endpoint.received).isEmpty();
    }
  }
}
