package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.Main;
import io.gochat.bench.common.Json;
import io.gochat.bench.load.FaultyServer.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  private static final Pattern RESULT = Pattern.compile(
      "<script type=\"application/json\" id=\"result\">(.*?)</script>", Pattern.DOTALL);

  private static final Pattern FIGURE = Pattern.compile("<figure.*?</figure>", Pattern.DOTALL);
  private static final Pattern BELOW_THE_AXIS =
      Pattern.compile("<text x=\"\\d+\" y=\"256\" [^>]*>[^<]+<");

  @TempDir
  private Path directory;

  @Test
  void the_page_holds_the_whole_result_and_loads_nothing() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      String page = run(server, "report.html", "now.json");

      Matcher embedded = RESULT.matcher(page);
      assertThat(embedded.find()).isTrue();
      Map<String, Object> result = Json.readObject(embedded.group(1));
      assertThat(result)
          .isEqualTo(Json.readObject(Files.readString(directory.resolve("now.json"))));
      assertThat(page).doesNotContain("http://").doesNotContain("https://").doesNotContain("src=");
      assertThat(page)
          .contains(
              "Latency by percentile",
              "Throughput",
              "CPU",
              "prefers-color-scheme: dark",
              "<caption>")
          .contains("data-points=", "tabindex=\"0\"", "aria-label=", "aria-live=\"polite\"")
          .contains("Clean: every receiver");
    }
  }

  @Test
  void each_chart_is_there_for_a_phone_a_tablet_and_a_desk() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      String page = run(server, "report.html", "now.json");

      List<String> figures =
          FIGURE.matcher(page).results().map(found -> found.group()).toList();
      assertThat(figures).hasSizeGreaterThan(3).allSatisfy(figure -> {
        assertThat(figure)
            .contains("<svg class=\"w340\" viewBox=\"0 0 340 280\"")
            .contains("<svg class=\"w520\" viewBox=\"0 0 520 280\"");
        // As many words below the axis as stand beside each other on a phone.
        String small = figure.substring(figure.indexOf("<svg class=\"w340\""));
        assertThat(BELOW_THE_AXIS.matcher(small).results().count()).isBetween(2L, 5L);
      });
      assertThat(page).contains("@media (max-width: 560px)").doesNotContain("min-width: 500px");
    }
  }

  @Test
  void a_baseline_is_drawn_and_compared() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      run(server, "first.html", "first.json");

      String page = run(
          server,
          "second.html",
          "second.json",
          "--baseline",
          directory.resolve("first.json").toString());

      assertThat(page)
          .contains(
              "delivery before", "class=\"series s1 before\"", "<th scope=\"col\">verdict</th>");
    }
  }

  @Test
  void violations_are_said_at_the_top() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.DOUBLE)) {
      String page = run(server, "report.html", "now.json");

      assertThat(page).contains("Violations: " + server.faults.get() + " duplicates");
    }
  }

  @Test
  void nothing_in_the_result_can_end_the_page_early() throws Exception {
    Map<String, Object> result = Json.object();
    result.put("scenario", "</script><b>\"&");

    String page = HtmlReport.of(result, null);

    assertThat(page).doesNotContain("</script><b>").contains("&lt;/script&gt;&lt;b&gt;&quot;&amp;");
  }

  private String run(FaultyServer server, String report, String json, String... more)
      throws Exception {
    Path page = directory.resolve(report);
    List<String> all = new ArrayList<>(
        List.of("load", "fanout", "--members", "4", "--rate", "200", "--users", "2"));
    all.addAll(
        List.of("--attach", server.address(), "--time", "1", "--warmup", "0.3", "--settle", "1"));
    all.addAll(List.of("--users-file", directory.resolve("users.json").toString()));
    all.addAll(
        List.of("--report", page.toString(), "--json", directory.resolve(json).toString()));
    all.addAll(List.of(more));
    Main.commandLine().execute(all.toArray(String[]::new));
    return Files.readString(page);
  }
}
