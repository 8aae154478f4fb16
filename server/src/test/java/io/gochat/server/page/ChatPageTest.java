package io.gochat.server.page;

import static io.gochat.server.page.Person.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** What people do with the page, and what happens to them meanwhile. */
@Timeout(240)
class ChatPageTest {
  private static final long HEARTBEAT_MS = 1_000;
  private static final AtomicLong ROOMS = new AtomicLong();

  @TempDir
  static Path directory;

  private static KillableServer server;
  private static Person alice;
  private static Person bob;

  private final long room = ROOMS.incrementAndGet();
  private final String aliceName = "alice-" + room;
  private final String bobName = "bob-" + room;

  @BeforeAll
  static void start() throws Exception {
    alice = new Person();
    bob = new Person();
    server = new KillableServer(directory, "--heartbeat=" + HEARTBEAT_MS + "ms");
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable part : new AutoCloseable[] {alice, bob, server}) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void two_people_chat() {
    bothInTheRoom();

    alice.say("hello, bob <b>not bold</b> https://example.com/x?y=1.");
    eventually(() -> bob.texts().size() == 1);
    bob.say("hi 😀, العربية");
    eventually(() -> alice.texts().size() == 2);

    assertThat(alice.texts()).isEqualTo(bob.texts());
    assertThat(alice.sequences()).containsExactly(1L, 2L);
    assertThat(alice.sees("2 people here")).isTrue();
    WebElement link = bob.visible(By.cssSelector("[data-seq] a"));
    assertThat(link.getAttribute("href")).isEqualTo("https://example.com/x?y=1");
    assertThat(link.getAttribute("rel")).contains("noopener");
  }

  @Test
  void a_direct_message_reaches_its_person_and_is_marked_as_unread() {
    bothInTheRoom();

    alice.type("Person", bobName);
    alice.press("Write");
    eventually(() -> alice.isConversation(bobName));
    alice.say("psst");
    eventually(() -> bob.sees("1 unread"));
    bob.visible(By.xpath("//button[contains(@class,'chat')][contains(.,'" + aliceName + "')]"))
        .click();
    bob.say("yes?");

    eventually(() -> alice.texts().equals(List.of("psst", "yes?")));
    assertThat(bob.texts()).containsExactly("psst", "yes?");
    assertThat(bob.sees("1 unread")).isFalse();
  }

  @Test
  void what_cannot_be_sent_says_why_and_can_be_tried_again() {
    alice.visit(server.url());
    alice.signUp(aliceName);
    alice.type("Person", "nobody-at-all");
    alice.press("Write");

    alice.say("are you there?");

    eventually(() -> alice.sees("Not sent. Nobody has this name."));
    assertThat(alice.texts()).isEmpty();
    alice.press("Try again");
    eventually(() -> alice.sees("Not sent. Nobody has this name."));
    alice.press("Discard");
    eventually(() -> !alice.sees("are you there?"));
  }

  @Test
  void a_server_that_is_killed_and_started_again_loses_and_doubles_nothing() throws Exception {
    bothInTheRoom();
    List<String> said = new ArrayList<>();

    for (int i = 0; i < 12; i++) {
      if (i == 4) {
        server.kill();
      }
      if (i == 8) {
        eventually(() -> bob.sees("No connection"));
        server.startAgain();
      }
      Person speaker = i % 2 == 0 ? alice : bob;
      speaker.say("line " + i);
      said.add("line " + i);
    }

    eventually(() -> alice.texts().size() == 12 && bob.texts().size() == 12);
    assertThat(alice.texts()).containsExactlyInAnyOrderElementsOf(said).isEqualTo(bob.texts());
    assertThat(alice.texts().stream()
            .filter(IntStream.range(0, 6).mapToObj(i -> "line " + 2 * i).toList()::contains))
        .as("of one speaker, in the order of speaking")
        .containsExactlyElementsOf(
            IntStream.range(0, 6).mapToObj(i -> "line " + 2 * i).toList());
    assertThat(bob.sequences()).isEqualTo(LongStream.rangeClosed(1, 12).boxed().toList());
    eventually(() -> !bob.sees("No connection"));
  }

  @Test
  void a_tab_whose_timers_slept_for_three_heartbeats_is_still_there() throws Exception {
    bothInTheRoom();

    alice.devTools("Page.setWebLifecycleState", Map.of("state", "frozen"));
    long frozenAtNanos = System.nanoTime();
    String token = server.logIn(bobName);
    eventually(() -> System.nanoTime() - frozenAtNanos > 3_500_000 * HEARTBEAT_MS);
    server.pushRoom(token, room, "while you slept");
    alice.devTools("Page.setWebLifecycleState", Map.of("state", "active"));
    bob.say("welcome back");

    eventually(() -> alice.texts().equals(List.of("while you slept", "welcome back")));
    alice.say("thank you");
    eventually(() -> bob.texts().size() == 3);
    alice.takeAnotherTab(); // one that was frozen stays hidden, and is told of no scrolling
  }

  @Test
  void tabs_of_one_person_are_devices_of_their_own_a_duplicated_one_too() {
    bothInTheRoom();
    String first = alice.browser().getWindowHandle();

    String second = alice.openTab(server.url() + "#/" + room);
    eventually(() -> alice.isConversation("Room " + room));
    // A window that is opened by a script gets a copy of its opener's session storage, as a
    // duplicated tab does.
    alice.lookAt(first);
    alice.script("window.open(location.href)");
    eventually(() -> alice.browser().getWindowHandles().size() == 3);
    String duplicate = alice.browser().getWindowHandles().stream()
        .filter(handle -> !handle.equals(first) && !handle.equals(second))
        .findFirst()
        .orElseThrow();
    bob.say("to all of you");

    for (String tab : List.of(first, second, duplicate)) {
      alice.lookAt(tab);
      eventually(() -> alice.texts().equals(List.of("to all of you")));
      assertThat(alice.sees("open somewhere else")).isFalse();
    }
    List<Object> devices = new ArrayList<>();
    for (String tab : List.of(duplicate, second, first)) {
      alice.lookAt(tab);
      devices.add(alice.script("return sessionStorage.getItem('gochat.devices')"));
      if (!tab.equals(first)) {
        alice.browser().close();
      }
    }
    alice.lookAt(first);
    assertThat(devices).doesNotHaveDuplicates().doesNotContainNull();
  }

  @Test
  void a_page_that_is_loaded_again_stays_signed_in_and_goes_on() {
    bothInTheRoom();
    bob.say("before");
    eventually(() -> alice.texts().size() == 1);
    Object device = alice.script("return sessionStorage.getItem('gochat.devices')");

    alice.browser().navigate().refresh();
    bob.say("after");

    eventually(() -> alice.texts().equals(List.of("before", "after")));
    assertThat(alice.script("return sessionStorage.getItem('gochat.devices')")).isEqualTo(device);
  }

  @Test
  void offline_and_back_nothing_is_lost_or_doubled() {
    bothInTheRoom();

    network(alice, false);
    bob.say("you are away");
    alice.say("I write all the same");
    eventually(() -> bob.texts().contains("you are away"));
    network(alice, true);

    eventually(() -> alice.texts().size() == 2 && bob.texts().size() == 2);
    assertThat(alice.texts())
        .containsExactlyInAnyOrder("you are away", "I write all the same")
        .isEqualTo(bob.texts());
  }

  @Test
  void a_token_that_is_revoked_ends_in_the_sign_in_and_says_why() throws Exception {
    bothInTheRoom();
    String token = alice.value("return JSON.parse(localStorage.getItem('gochat.session')).token");

    server.post("user/logout", "{\"token\":\"" + token + "\"}");

    eventually(() -> alice.sees("You were signed out."));
    assertThat(alice.script("return localStorage.getItem('gochat.session')")).isNull();
    alice.signIn(aliceName);
    eventually(() -> alice.sees("Room " + room));
  }

  @Test
  void signing_out_ends_the_session_at_the_server_too() throws Exception {
    alice.visit(server.url());
    alice.signUp(aliceName);
    String token = alice.value("return JSON.parse(localStorage.getItem('gochat.session')).token");

    alice.press("Sign out");

    alice.visible(Person.field("Name"));
    eventually(
        () -> server.post("user/checkAuth", "{\"token\":\"" + token + "\"}").contains("400"));
  }

  @Test
  void a_wrong_password_and_a_taken_name_are_told() {
    alice.visit(server.url());
    alice.signUp(aliceName);
    alice.press("Sign out");
    alice.type("Name", aliceName);
    alice.type("Password", "wrong");

    alice.press("Sign in");
    eventually(() -> alice.sees("Name or password is wrong."));

    alice.press("Sign up");
    eventually(() -> alice.sees("This name is taken."));
  }

  @Test
  void on_a_phone_there_is_one_thing_at_a_time_and_nothing_is_wider_than_the_screen() {
    Dimension desk = alice.browser().manage().window().getSize();
    alice.devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 360, "height", 740, "deviceScaleFactor", 2, "mobile", true));
    try {
      alice.visit(server.url());
      alice.signUp(aliceName);
      alice.join(room);
      alice.say("a".repeat(300) + " and https://example.com/" + "b".repeat(200));
      eventually(() -> alice.texts().size() == 1);

      assertThat(alice.script("return document.documentElement.scrollWidth")).isEqualTo(360L);
      assertThat(
              alice.script(
                  "const t = document.querySelector('.timeline'); return t.scrollWidth - t.clientWidth"))
          .isEqualTo(0L);
      assertThat(alice.browser().findElement(Person.field("Room")).isDisplayed())
          .isFalse();
      alice.browser().navigate().back();
      alice.visible(Person.field("Room"));
    } finally {
      alice.devTools("Emulation.clearDeviceMetricsOverride", Map.of());
      alice.browser().manage().window().setSize(desk);
    }
  }

  @Test
  void everything_can_be_done_with_the_keyboard() {
    alice.visit(server.url());
    keys("Name", aliceName, Keys.TAB, "secret", Keys.TAB, Keys.TAB, Keys.SPACE);
    eventually(() -> !alice.browser().findElements(Person.field("Room")).isEmpty());

    tabTo(Person.field("Room"));
    alice.browser().switchTo().activeElement().sendKeys(Long.toString(room), Keys.ENTER);
    eventually(() -> alice.isConversation("Room " + room));
    tabTo(Person.field("Message"));
    alice
        .browser()
        .switchTo()
        .activeElement()
        .sendKeys("one line", Keys.chord(Keys.SHIFT, Keys.ENTER), "and another", Keys.ENTER);

    eventually(() -> alice.texts().equals(List.of("one line\nand another")));
    tabTo(By.xpath("//button[normalize-space()='Sign out']"));
    alice.browser().switchTo().activeElement().sendKeys(Keys.ENTER);
    alice.visible(Person.field("Name"));
  }

  @Test
  void scrolling_up_brings_earlier_messages_until_the_first() throws Exception {
    String token = server.signUp(bobName);
    for (int i = 1; i <= 250; i++) {
      server.pushRoom(token, room, "line " + i);
    }
    alice.visit(server.url());
    alice.signUp(aliceName);
    alice.join(room);
    eventually(() -> alice.sequences().contains(250L));
    assertThat(alice.sequences()).doesNotContain(1L);

    eventually(() -> {
      alice.script("document.querySelector('.timeline').scrollTop = 0");
      return alice.sequences().contains(1L);
    });

    assertThat(alice.sequences())
        .isEqualTo(LongStream.rangeClosed(1, 250).boxed().toList());
    eventually(() -> alice.sees("This is the beginning."));
  }

  private void bothInTheRoom() {
    for (Person person : List.of(alice, bob)) {
      person.visit(server.url());
      person.signUp(person == alice ? aliceName : bobName);
      person.join(room);
    }
    eventually(() -> alice.sees("2 people here") && bob.sees("2 people here"));
  }

  private static void network(Person person, boolean isOn) {
    person.devTools("Network.enable", Map.of());
    person.devTools(
        "Network.emulateNetworkConditions",
        Map.of("offline", !isOn, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
  }

  /** Types into the field that has the focus by itself, and goes on from there. */
  private static void keys(String label, CharSequence... keys) {
    assertThat(alice.browser().switchTo().activeElement())
        .isEqualTo(alice.visible(Person.field(label)));
    for (CharSequence key : keys) {
      alice.browser().switchTo().activeElement().sendKeys(key);
    }
  }

  private static void tabTo(By wanted) {
    WebElement target = alice.visible(wanted);
    for (int i = 0; i < 40; i++) {
      WebElement focused = alice.browser().switchTo().activeElement();
      if (focused.equals(target)) {
        return;
      }
      focused.sendKeys(Keys.TAB);
    }
    throw new AssertionError("the keyboard does not get to " + wanted);
  }
}
