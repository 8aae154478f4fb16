package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.redis.OwnRedis;
import io.gochat.testing.RedisBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the crash checker against nodes of the packaged server, and hurts their Redis. */
@Timeout(180)
class RedisVerifyJarTest {
  private final long seed = RandomGenerator.getDefault().nextInt(Integer.MAX_VALUE);
  private final VerifyOptions options = new VerifyOptions();

  @TempDir
  Path dir;

  @Test
  void nodes_on_one_redis_lose_double_and_reorder_nothing_when_any_of_them_or_it_is_killed()
      throws Exception {
    options.duration = Duration.ofSeconds(5);
    options.nodes = 2;
    options.redis = OwnRedis.ONE;
    options.redisServer = RedisBinary.find(dir);
    options.faults("kill,redis-restart,drop-notifications,cut-answer");

    VerifyReport report = Jars.verify(options, seed, dir.resolve("run"));

    assertThat(report.verdict().violations()).as("seed %d", seed).isEmpty();
    assertThat(report.facts().get("redis_restarts")).isPositive();
    assertThat(report.facts().get("notification_cuts")).isPositive();
    assertThat(report.verdict().accepted()).isGreaterThan(50);
  }

  @Test
  void what_one_redis_loses_is_told_and_its_pauses_and_fullness_and_a_wrong_clock_cost_nothing()
      throws Exception {
    options.duration = Duration.ofSeconds(5);
    options.nodes = 2;
    options.redis = OwnRedis.ONE;
    options.redisServer = RedisBinary.find(dir);
    options.faults("redis-loss,redis-pause,redis-full,clock-forward");

    VerifyReport report = Jars.verify(options, seed, dir.resolve("run"));

    assertThat(report.verdict().violations()).as("seed %d", seed).isEmpty();
    assertThat(report.facts()).containsKeys("redis_losses", "redis_pauses", "redis_full");
    assertThat(report.verdict().takenBack()).as("seed %d", seed).isPositive();
    assertThat(report.verdict().accepted()).isGreaterThan(50);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"auto-sentinel, redis-failover", "auto-cluster, redis-master-kill"})
  void when_a_master_dies_its_replica_has_all_that_was_answered(String redis, String fault)
      throws Exception {
    options.duration = Duration.ofSeconds(3);
    options.nodes = 2;
    options.redis = redis;
    options.redisServer = RedisBinary.find(dir);
    options.faults(fault);

    VerifyReport report = Jars.verify(options, seed, dir.resolve("run"));

    assertThat(report.verdict().violations()).as("seed %d", seed).isEmpty();
    assertThat(report.verdict().takenBack()).isZero();
    assertThat(report.verdict().accepted()).isGreaterThan(10);
  }
}
