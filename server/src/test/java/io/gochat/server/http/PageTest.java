package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's files over a real socket: types, safety, caching. */
class PageTest {
  private static final Pattern ASSET =
      Pattern.compile("(?:href|src)=\"(assets/([0-9a-f]+)/[^\"]+)\"");

  @TempDir
  static Path directory;

  private static HttpFixture node;
  private static RawHttp http;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
    http = node.connect();
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    node.close();
  }

  @Test
  void the_page_is_html_that_runs_nothing_but_its_own_files() {
    Response page = http.get("/");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(page.header("Content-Security-Policy"))
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .contains("frame-ancestors 'none'", "trusted-types 'none'")
        .doesNotContain("unsafe", "http:", "https:", "*");
    assertThat(page.body())
        .doesNotContain("{{", "http://", "https://", "<style", " style=", " onclick");
  }

  @Test
  void everything_that_the_page_names_is_there_and_kept_for_ever() {
    List<String> paths = assets();

    assertThat(paths).hasSizeGreaterThan(20);
    for (String path : paths) {
      Response file = http.get("/" + path);

      assertThat(file.status()).as(path).isEqualTo(200);
      assertThat(file.header("Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
      assertThat(file.header("X-Content-Type-Options")).isEqualTo("nosniff");
      if (path.endsWith(".js")) {
        assertThat(file.header("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(file.body()).doesNotContain("eval(", "innerHTML", "new Function");
      }
    }
  }

  @Test
  void every_file_that_lies_in_the_sources_is_served() throws IOException {
    List<String> page = names(Path.of("src/main/resources/page"), "");
    List<String> client = names(Path.of("../client-js/src"), "client/");

    assertThat(Page.FILES)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(page.stream(), client.stream()).toList());
  }

  @Test
  void what_did_not_change_is_not_sent_again() {
    Response first = http.get("/");
    String tag = first.header("ETag");

    Response again = http.call("HEAD", "/", "", "If-None-Match: \"other\", W/" + tag);

    assertThat(first.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(tag).matches("\"[0-9a-f]{20}\"");
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.header("ETag")).isEqualTo(tag);
    assertThat(again.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(http.get("/", "If-None-Match: \"other\"").status()).isEqualTo(200);
  }

  @Test
  void a_304_has_no_body_on_the_wire() throws Exception {
    String tag = http.get("/").header("ETag");
    HttpClient client = HttpClient.newHttpClient();
    URI uri = URI.create("http://127.0.0.1:" + node.port() + "/");

    for (int i = 0; i < 3; i++) {
      HttpResponse<String> answer = client.send(
          HttpRequest.newBuilder(uri).header("If-None-Match", tag).build(),
          HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void a_head_tells_the_length_and_sends_nothing() {
    Response head = http.call("HEAD", "/", "");
    Response get = http.get("/");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
    assertThat(get.body().getBytes(UTF_8)).hasSize(Integer.parseInt(get.header("Content-Length")));
  }

  @Test
  void who_takes_gzip_gets_it_under_a_tag_of_its_own() throws Exception {
    Response plain = http.get("/", "Accept-Encoding: br, gzip;q=0");
    URI uri = URI.create("http://127.0.0.1:" + node.port() + "/");
    HttpResponse<byte[]> gzip = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri)
                .header("Accept-Encoding", "deflate, GZIP;q=0.5")
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(plain.has("Content-Encoding")).isFalse();
    assertThat(gzip.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(gzip.headers().firstValue("Vary")).contains("Accept-Encoding");
    assertThat(gzip.headers().firstValue("ETag").orElseThrow()).isNotEqualTo(plain.header("ETag"));
    byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes();
    assertThat(new String(unpacked, UTF_8)).isEqualTo(plain.body());
  }

  @Test
  void a_page_of_another_build_finds_its_files_but_does_not_keep_them() {
    Response file = http.get("/assets/0123456789abcdef/client/gochat.js");

    assertThat(file.status()).isEqualTo(200);
    assertThat(file.header("Cache-Control")).isEqualTo("no-cache");
  }

  @Test
  void pages_of_other_origins_may_import_the_client_and_nothing_else() {
    Response client = http.get("/client/gochat.js");
    Response page = http.get("/");

    assertThat(client.status()).isEqualTo(200);
    assertThat(client.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(client.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(page.has("Access-Control-Allow-Origin")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets/",
        "/assets/x",
        "/assets//",
        "/assets/x/no.js",
        "/assets/x/../page.js",
        "/assets/x/%2e%2e/page.js",
        "/client/",
        "/client/page.js",
        "/client/../page.js",
        "/page.js",
        "/index.html"
      })
  void nothing_else_is_a_file(String path) {
    assertThat(http.get(path).status()).isEqualTo(404);
  }

  @Test
  void the_page_is_only_read() {
    Response post = http.post("/", "{}");

    assertThat(post.status()).isEqualTo(405);
    assertThat(post.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(http.call("OPTIONS", "/", "").status()).isEqualTo(200);
  }

  @Test
  void a_server_without_a_page_knows_none_of_its_paths(@TempDir Path other) throws Exception {
    try (HttpFixture bare = new HttpFixture(other, "--page=off");
        RawHttp connection = bare.connect()) {
      for (String path : List.of("/", "/client/gochat.js", "/assets/x/page.js")) {
        assertThat(connection.get(path).status()).as(path).isEqualTo(404);
        assertThat(connection.post(path, "{}").status()).as(path).isEqualTo(404);
      }
    }
  }

  private static List<String> assets() {
    Matcher matcher = ASSET.matcher(http.get("/").body());
    return matcher.results().map(found -> found.group(1)).distinct().toList();
  }

  private static List<String> names(Path directory, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> prefix + file.getFileName()).toList();
    }
  }
}
