package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGKILL to a process that publishes: what it was told was accepted is there, where it was told. */
@Timeout(120)
class CrashTest {
  private static final int ROUNDS = 4;
  private static final int PUBLISHERS = 4;

  @TempDir
  Path directory;

  @ParameterizedTest
  @EnumSource(Durability.class)
  void what_was_answered_with_success_survives_sigkill(Durability durability) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, Long> answered = new HashMap<>();

    for (int round = 0; round < ROUNDS; round++) {
      answered.putAll(publishUntilKilled(durability, round, 100 + random.nextInt(400)));
    }

    EmbeddedOptions options = EmbeddedOptions.of(directory)
        .withDurability(durability)
        .withRetention(new Retention(1_000_000, Duration.ofDays(30)));
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      Map<String, Long> stored = new HashMap<>();
      for (int room = 1; room <= 2; room++) {
        for (LoggedMessage message : fixture.messages(Topic.room(room))) {
          assertThat(stored.put(StoreFixture.text(message), message.seq()))
              .as("seed %d: %s is stored twice", seed, message)
              .isNull();
        }
      }
      assertThat(stored).as("seed %d", seed).containsAllEntriesOf(answered);
      assertThat(answered).hasSizeGreaterThan(ROUNDS * 50);
    }
  }

  /** Text → sequence of what the child said was accepted. */
  private Map<String, Long> publishUntilKilled(Durability durability, int round, int lines)
      throws IOException, InterruptedException {
    Process child = new ProcessBuilder(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            directory.toString(),
            durability.name(),
            Integer.toString(round)))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    Map<String, Long> answered = new HashMap<>();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = out.readLine()) != null) {
        String[] parts = line.split(" ", 2);
        if (parts.length == 2 && parts[0].matches("[0-9]+") && parts[1].endsWith(".")) {
          answered.put(parts[1], Long.parseLong(parts[0]));
        }
        if (answered.size() == lines) {
          // SIGKILL; what is in the pipe was answered before it. By the handle: the process would
          // close the pipe
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    return answered;
  }

  /** Publishes as fast as it can and prints each success, until it is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      EmbeddedStore store = EmbeddedStore.open(
          EmbeddedOptions.of(Path.of(arguments[0]))
              .withDurability(Durability.valueOf(arguments[1]))
              .withRetention(new Retention(1_000_000, Duration.ofDays(30))),
          GuardedClock.ofSystem(),
          new SimpleMeterRegistry());
      for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
        String name = arguments[2] + "-" + publisher + "-";
        Topic topic = Topic.room(1 + publisher % 2);
        new Thread(() -> publish(store, topic, name)).start();
      }
    }

    private static void publish(EmbeddedStore store, Topic topic, String name) {
      for (int i = 0; ; i++) {
        String text = name + i + ".";
        Publication publication = new Publication(topic, 3, "a", "", text, text);
        if (store.log().publish(publication).join() instanceof Accepted accepted) {
          byte[] line = (accepted.seq() + " " + text + "\n").getBytes(StandardCharsets.UTF_8);
          System.out.write(line, 0, line.length);
          System.out.flush();
        }
      }
    }
  }
}
