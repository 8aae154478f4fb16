package io.gochat.server.page;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** Where the browser is: {@code CHROMIUM} and {@code CHROMEDRIVER}, or on the path. Stateless. */
final class Browser {
  private Browser() {}

  /** A new browser with a profile of its own; without one on this machine the test is skipped, and says so. */
  static ChromeDriver open(String... arguments) {
    Optional<Path> chromium = find("CHROMIUM", List.of("chromium", "google-chrome"));
    Optional<Path> driver = find("CHROMEDRIVER", List.of("chromedriver"));
    Assumptions.assumeTrue(
        chromium.isPresent() && driver.isPresent(),
        "there is no chromium with its chromedriver here: the page is not tried in a browser");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.orElseThrow().toString());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1280,800");
    options.addArguments(arguments);
    ChromeDriverService service = new ChromeDriverService.Builder()
        .usingDriverExecutable(driver.orElseThrow().toFile())
        .withSilent(true)
        .build();
    ChromeDriver opened = new ChromeDriver(service, options);
    opened.manage().timeouts().scriptTimeout(Duration.ofMinutes(2));
    return opened;
  }

  private static Optional<Path> find(String variable, List<String> names) {
    String given = System.getenv(variable);
    if (given != null && !given.isEmpty()) {
      return Optional.of(Path.of(given)).filter(Files::isExecutable);
    }
    return names.stream()
        .flatMap(name -> Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .map(directory -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
