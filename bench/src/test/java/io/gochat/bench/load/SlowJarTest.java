package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.Main;
import io.gochat.bench.common.Json;
import io.gochat.bench.verify.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slow scenario against the packaged server. */
class SlowJarTest {
  @TempDir
  private Path directory;

  @Test
  void slow_members_are_behind_and_get_everything_once_they_read() throws Exception {
    try (TestServer server = TestServer.start(directory)) {
      Path json = directory.resolve("result.json");
      Path page = directory.resolve("report.html");
      int status = Main.commandLine()
          .execute(("load slow --members 40 --rate 400 --size 8000 --time 0.6 --pairs 2 --users 3"
                  + " --attach 127.0.0.1:" + server.port() + " --json " + json + " --report " + page
                  + " --users-file " + directory.resolve("users.json"))
              .split(" ", -1));
      Map<String, Object> result = Json.readObject(Files.readString(json));

      assertThat(status).isZero();
      assertThat(result).containsEntry("clean", true);
      Map<String, Object> slow = Json.asObject(result.get("slow"));
      assertThat(Json.asList(slow.get("pairs"))).hasSize(2);
      assertThat(slow).containsEntry("caught_up", true);
      assertThat(Json.asObject(slow.get("most_behind")))
          .containsOnlyKeys("never", "trickle", "stopped")
          .allSatisfy((kind, messages) ->
              assertThat(((Number) messages).longValue()).as(kind).isPositive());
      assertThat(Json.number(slow, "ratio")).isPositive();
      assertThat(Json.number(slow, "ratio_low")).isPositive();
      assertThat(Json.number(slow, "direct_bytes_peak")).isBetween(1.0, 256.0 * 1024 * 1024);
      assertThat(Json.number(slow, "rss_bytes_peak")).isPositive();
      assertThat(Json.asList(result.get("phases"))).hasSize(2);
      assertThat(Files.readString(page)).contains("What slow members cost the others", "<svg");
    }
  }
}
