package io.gochat.bench.crowd;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.Main;
import io.gochat.bench.common.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small crowds against real servers; how fast is judged by the command, not here. */
class CrowdCommandTest {
  private static final String PATIENT = " --calm 0.4 --hold 0.4 --p99 60000 --p99-connecting 60000";

  @TempDir
  private Path directory;

  @Test
  void small_crowds_are_borne_answered_and_get_what_they_are_owed() throws Exception {
    Map<String, Object> result = crowd(0, "--row replay,bodies,inbox --scale 0.01" + PATIENT);

    assertThat(result).containsEntry("passed", true);
    List<Map<String, Object>> rows =
        Json.asList(result.get("rows")).stream().map(Json::asObject).toList();
    assertThat(rows).extracting(row -> row.get("row")).containsExactly("replay", "bodies", "inbox");
    assertThat(Json.number(rows.get(0), "answered", "got everything in order")).isEqualTo(30);
    assertThat(Json.number(rows.get(2), "answered", "Published")).isEqualTo(101);
    assertThat(rows).allSatisfy(row -> {
      assertThat(Json.asList(row.get("failures"))).isEmpty();
      assertThat(Json.number(row, "logins")).isPositive();
      Map<String, Object> calm = Json.asObject(Json.asList(row.get("phases")).get(0));
      assertThat(Json.number(calm, "publish_ms", "count")).isPositive();
      assertThat(Json.number(calm, "delivery_ms", "p99")).isPositive();
    });
  }

  @Test
  void a_crowd_over_websocket_in_tls_is_borne_too() throws Exception {
    crowds_over_websocket_and_tls_are_borne_too("--via ws --tls", "fetch");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"--via ws, 'replay,frames'", "--tls, fetch"})
  void crowds_over_websocket_and_tls_are_borne_too(String way, String rows) throws Exception {
    Map<String, Object> result = crowd(0, way + " --row " + rows + " --scale 0.01" + PATIENT);

    assertThat(result).containsEntry("passed", true);
    Map<String, Object> first = Json.asObject(Json.asList(result.get("rows")).get(0));
    String wanted = rows.equals("fetch") ? "History" : "got everything in order";
    assertThat(Json.number(first, "answered", wanted)).isPositive();
  }

  @Test
  void bystander_that_waits_too_long_is_a_failure() throws Exception {
    Map<String, Object> result =
        crowd(1, "--row bodies --scale 0.01 --calm 0.2 --hold 0.4 --p99 0.0001");

    assertThat(result).containsEntry("passed", false);
    Map<String, Object> row = Json.asObject(Json.asList(result.get("rows")).get(0));
    assertThat(Json.asList(row.get("failures")).toString()).contains("held", "p99");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--row nosuch", "--scale 2", "--hold 0", "--nosuch", "--via ws --row bodies"})
  void impossible_runs_are_refused(String options) {
    assertThat(Main.commandLine().execute(("load crowd " + options).split(" ", -1)))
        .isEqualTo(2);
  }

  private Map<String, Object> crowd(int status, String options) throws Exception {
    Path json = directory.resolve("result.json");
    assertThat(Main.commandLine()
            .execute(("load crowd " + options + " --json " + json).split(" ", -1)))
        .isEqualTo(status);
    return Json.readObject(Files.readString(json));
  }
}
