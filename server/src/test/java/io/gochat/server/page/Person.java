package io.gochat.server.page;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;

/** Somebody at a browser, who finds things by what is written on them. Confined to the test's thread. */
final class Person implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final ChromeDriver browser;

  Person(String... arguments) {
    browser = Browser.open(arguments);
  }

  ChromeDriver browser() {
    return browser;
  }

  /** Opens the page as somebody whom this browser has never seen. */
  void visit(String url) {
    bringToFront();
    browser.get(url);
    script("localStorage.clear(); sessionStorage.clear()");
    browser.get("about:blank");
    browser.get(url);
    eventually(() -> !browser.findElements(field("Name")).isEmpty());
  }

  void signUp(String name) {
    sign("Sign up", name);
  }

  void signIn(String name) {
    sign("Sign in", name);
  }

  private void sign(String button, String name) {
    type("Name", name);
    type("Password", "secret");
    press(button);
    eventually(() -> !browser.findElements(By.cssSelector(".dot.connected")).isEmpty());
  }

  void join(long room) {
    type("Room", Long.toString(room));
    press("Join");
    eventually(() -> isConversation("Room " + room));
  }

  void say(String text) {
    type("Message", text);
    press("Send");
  }

  boolean isConversation(String title) {
    return browser.findElements(By.id("title")).stream()
        .anyMatch(found -> found.isDisplayed() && found.getText().equals(title));
  }

  /** Into a text field, by its label. */
  void type(String label, String text) {
    WebElement field = visible(field(label));
    field.clear();
    field.sendKeys(text);
  }

  void press(String button) {
    visible(By.xpath("//button[normalize-space()='" + button + "']")).click();
  }

  boolean sees(String text) {
    return browser.findElement(By.tagName("body")).getText().contains(text);
  }

  WebElement visible(By what) {
    eventually(() -> browser.findElements(what).stream().anyMatch(WebElement::isDisplayed));
    return browser.findElements(what).stream()
        .filter(WebElement::isDisplayed)
        .findFirst()
        .orElseThrow();
  }

  static By field(String label) {
    return By.xpath("//*[@id=//label[normalize-space()='" + label + "']/@for]");
  }

  /** The texts of the open chat, in order; what is not sent yet is not among them. */
  List<String> texts() {
    return value(
        "return [...document.querySelectorAll('[data-seq] .text')].map((e) => e.textContent)");
  }

  /** The sequences of the open chat, in order. */
  List<Long> sequences() {
    return value(
        "return [...document.querySelectorAll('[data-seq]')].map((e) => Number(e.dataset.seq))");
  }

  /** Runs a script in the page. */
  @Nullable
  Object script(String script) {
    return browser.executeScript(script);
  }

  /** The same, where there is an answer. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the caller knows its script
  <T> T value(String script) {
    return (T) Objects.requireNonNull(script(script));
  }

  Map<String, Object> devTools(String command, Map<String, Object> parameters) {
    return browser.executeCdpCommand(command, parameters);
  }

  /** Another tab of this browser, and its handle. */
  String openTab(String url) {
    browser.switchTo().newWindow(WindowType.TAB);
    browser.get(url);
    return browser.getWindowHandle();
  }

  void lookAt(String tab) {
    browser.switchTo().window(tab);
    bringToFront();
  }

  /** Leaves this tab for a new one. */
  void takeAnotherTab() {
    String left = browser.getWindowHandle();
    String taken = openTab("about:blank");
    browser.switchTo().window(left);
    browser.close();
    browser.switchTo().window(taken);
  }

  /** A tab behind another one draws nothing, and is told of no scrolling. */
  private void bringToFront() {
    devTools("Page.bringToFront", Map.of());
  }

  static void eventually(Callable<Boolean> condition) {
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(DEADLINE)
        .ignoreExceptions()
        .until(condition);
  }

  @Override
  public void close() {
    browser.quit();
  }
}
