package io.gochat.server.page;

import static io.gochat.server.page.Person.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;

/** What axe finds on the page: nothing, in both lights and both languages, on a desk and on a phone. */
@Timeout(240)
class AccessibilityTest {
  @TempDir
  static Path directory;

  private static KillableServer server;
  private static Person person;

  @BeforeAll
  static void start() throws Exception {
    person = new Person();
    server = new KillableServer(directory);
    String bob = server.signUp("bob");
    server.pushRoom(bob, 7, "hello https://example.com/");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    if (person != null) {
      person.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"dark, zh-CN, 1280", "light, en, 360"})
  void axe_finds_nothing(String light, String language, int width) {
    axe_has_nothing_to_say(light, language, width);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"light, en, 1280", "dark, en, 1280", "light, zh-CN, 1280"})
  void axe_has_nothing_to_say(String light, String language, int width) {
    person.devTools(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", light))));
    person.devTools(
        "Emulation.setUserAgentOverride",
        Map.of("userAgent", "Mozilla/5.0", "acceptLanguage", language));
    person.devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", false));
    person.browser().get(server.url());
    person.script("localStorage.clear(); sessionStorage.clear()");
    person.browser().get("about:blank");
    person.browser().get(server.url());
    person.visible(By.id("name"));

    assertNothingFound("before signing in");

    person.visible(By.id("name")).sendKeys(light + language + width);
    person.visible(By.id("password")).sendKeys("secret");
    person.visible(By.cssSelector("button[type=button]")).click();
    person.visible(By.id("room"));
    assertNothingFound("without a chat");

    person.visible(By.id("room")).sendKeys("x\n");
    person.visible(By.id("room-error"));
    assertNothingFound("with something wrong");

    person.visible(By.id("room")).clear();
    person.visible(By.id("room")).sendKeys("7\n");
    eventually(() -> !person.texts().isEmpty());
    person.visible(By.id("message")).sendKeys("mine, and https://example.com/\n");
    eventually(() -> person.texts().contains("mine, and https://example.com/"));
    assertNothingFound("in a room");
    assertThat(person.script("return document.documentElement.lang")).isEqualTo(language);

    person.script("location.hash = '#/@nobody'");
    eventually(() -> person.isConversation("nobody"));
    person.visible(By.id("message")).sendKeys("hello?\n");
    person.visible(By.cssSelector(".failure"));
    assertNothingFound("with what could not be sent");
  }

  private static void assertNothingFound(String where) {
    Results results = new AxeBuilder().analyze(person.browser());
    assertThat(results.getViolations())
        .as(where)
        .extracting(rule -> rule.getId() + ": " + rule.getNodes())
        .isEmpty();
  }
}
