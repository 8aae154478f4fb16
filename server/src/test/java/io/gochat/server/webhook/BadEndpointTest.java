package io.gochat.server.webhook;

import static io.gochat.server.webhook.WebhookFixture.ROOM;
import static io.gochat.server.webhook.WebhookFixture.endpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.messaging.Topic;
import io.gochat.server.webhook.ReceivingEndpoint.Answer;
import io.gochat.server.webhook.ReceivingEndpoint.Received;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class BadEndpointTest {
  @TempDir
  Path directory;

  private WebhookFixture fixture;
  private ReceivingEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    endpoint = ReceivingEndpoint.start();
    fixture = new WebhookFixture(directory).file(endpoint("crm", endpoint));
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
    endpoint.close();
  }

  private enum Bad {
    SERVER_ERROR(Answer.status(500), Outcome.Kind.REFUSED),
    REDIRECT(Answer.status(307, "location: http://127.0.0.1:1/"), Outcome.Kind.REFUSED),
    GARBAGE(Answer.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n", Answer.Then.CLOSE), Outcome.Kind.NO_HTTP),
    NOTHING(Answer.raw("", Answer.Then.CLOSE), Outcome.Kind.UNREACHABLE),
    HALF_A_HEAD(
        Answer.raw("HTTP/1.1 200 OK\r\ncontent-le", Answer.Then.CLOSE), Outcome.Kind.NO_HTTP),
    RESET(Answer.raw("", Answer.Then.RESET), Outcome.Kind.UNREACHABLE),
    ENDLESS_HEAD(
        Answer.raw("HTTP/1.1 200 OK\r\nx: " + "y".repeat(100_000), Answer.Then.HANG),
        Outcome.Kind.NO_HTTP),
    HANG(Answer.raw("", Answer.Then.HANG), Outcome.Kind.TIMEOUT);

    @SuppressWarnings("ImmutableEnumChecker") // what is made from, and not changed
    final Answer answer;

    final Outcome.Kind outcome;

    Bad(Answer answer, Outcome.Kind outcome) {
      this.answer = answer;
      this.outcome = outcome;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatever_an_endpoint_does_it_is_tried_again_until_it_behaves(Bad bad) throws Exception {
    fixture.open();
    endpoint.behave(request -> bad.answer);
    fixture.published(ROOM, "m1");
    fixture.published(ROOM, "m2");
    await().until(() -> !endpoint.received.isEmpty());
    if (bad == Bad.HANG) {
      fixture.advance(Duration.ofSeconds(16));
    }
    await().until(() -> fixture.tries("crm", bad.outcome) >= 1);

    endpoint.behave(request -> Answer.status(200));

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(3));
      assertThat(fixture.tries("crm", Outcome.Kind.DELIVERED)).isGreaterThanOrEqualTo(2);
    });
    assertThat(endpoint.messages()).containsExactly("m1", "m2");
  }

  @Test
  void an_endless_answer_is_cut_off_and_its_status_counts() throws Exception {
    fixture.open();
    endpoint.behave(request -> Answer.raw(
        "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + "y".repeat(200_000),
        Answer.Then.HANG));

    fixture.published(ROOM, "m1");
    fixture.published(ROOM, "m2");

    await().until(() -> endpoint.messages().equals(List.of("m1", "m2")));
    assertThat(fixture.tries("crm", Outcome.Kind.DELIVERED)).isGreaterThanOrEqualTo(1);
  }

  @Test
  void an_endpoint_that_hangs_does_not_hold_up_another_one() throws Exception {
    try (ReceivingEndpoint good = ReceivingEndpoint.start()) {
      fixture
          .file(endpoint("crm", endpoint), endpoint("good", good))
          .standStill()
          .open();
      endpoint.behave(request -> Answer.raw("", Answer.Then.HANG));

      for (int room = 1; room <= 100; room++) {
        fixture.publish(Topic.room(room), "m" + room);
      }

      await().until(() -> good.messages().size() == 100);
      assertThat(endpoint.received).hasSizeLessThanOrEqualTo(Courier.AT_ONCE);
    }
  }

  @Test
  void what_is_refused_for_good_is_a_dead_letter_after_three_tries_and_can_be_sent_again()
      throws Exception {
    fixture.standStill().open();
    endpoint.behave(request -> Answer.status(request.message().equals("bad") ? 422 : 200));
    fixture.published(ROOM, "bad");
    fixture.published(ROOM, "good");

    fixture.awaitRefused("crm", 1);
    fixture.advance(Duration.ofMinutes(1));
    fixture.awaitRefused("crm", 2);
    fixture.advance(Duration.ofMinutes(1));
    await().until(() -> endpoint.messages().equals(List.of("bad", "good")));
    List<DeadLetterView> dead = await()
        .until(
            () -> {
              fixture.advance(Duration.ofMillis(200)); // it is written soon
              return fixture.webhooks().deadLetters("crm", "", 10).join();
            },
            letters -> letters.size() == 1);

    assertThat(endpoint.received.stream().filter(got -> got.message().equals("bad")))
        .hasSize(3);
    assertThat(dead.get(0).tries()).isEqualTo(3);
    assertThat(dead.get(0).reason()).isEqualTo("HTTP 422");
    assertThat(dead.get(0).topic()).isEqualTo("room:7");
    assertThat(fixture.webhooks().sendAgain("crm", dead.get(0).id()))
        .failsWithin(Duration.ofSeconds(30));
    endpoint.behave(request -> Answer.status(200));
    fixture.webhooks().sendAgain("crm", dead.get(0).id()).join();
    assertThat(fixture.webhooks().deadLetters("crm", "", 10).join()).isEmpty();
    assertThat(endpoint.received.get(endpoint.received.size() - 1).id())
        .isEqualTo(dead.get(0).id());
  }

  @Test
  void an_endpoint_that_is_gone_for_a_day_costs_one_dead_letter_and_the_topic_goes_on()
      throws Exception {
    fixture.open();
    endpoint.behave(request -> Answer.status(503));
    fixture.published(ROOM, "m1");
    fixture.published(ROOM, "m2");
    AtomicInteger minutes = new AtomicInteger();

    await().timeout(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(25)).until(() -> {
      fixture.advance(Duration.ofMinutes(5));
      minutes.addAndGet(5);
      return fixture.webhooks().deadLetters("crm", "", 10).join().size() == 1;
    });
    endpoint.behave(request -> Answer.status(200));

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(10));
      assertThat(endpoint.messages()).containsExactly("m1", "m2");
      assertThat(fixture.view("crm").state()).isEqualTo("works");
      assertThat(fixture.view("crm").backlogBytes()).isZero();
    });
    assertThat(minutes.get()).isGreaterThanOrEqualTo(24 * 60);
    fixture.webhooks().sendAllAgain("crm").join();
    assertThat(endpoint.received.get(endpoint.received.size() - 1).message()).isEqualTo("m1");
  }

  @Test
  void the_day_of_an_event_goes_on_after_a_restart() throws Exception {
    fixture.open();
    endpoint.behave(request -> Answer.status(503));
    fixture.published(ROOM, "m1");
    fixture.awaitRefused("crm", 1);
    fixture.reopen();
    int before = endpoint.received.size();

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofHours(25));
      assertThat(fixture.webhooks().deadLetters("crm", "", 10).join()).hasSize(1);
    });

    assertThat(endpoint.received.size() - before).isLessThan(20);
  }

  @Test
  void an_endpoint_that_answers_410_has_ended_until_it_is_enabled() throws Exception {
    fixture.open();
    endpoint.behave(request -> Answer.status(410));
    fixture.published(ROOM, "m1");
    fixture.published(ROOM, "m2");
    await().until(() -> fixture.view("crm").state().equals("ended"));
    fixture.published(ROOM, "m3");
    fixture.reopen();
    assertThat(fixture.view("crm").state()).isIn("ended", "starts");
    endpoint.behave(request -> Answer.status(200));
    await().until(() -> fixture.view("crm").state().equals("ended"));

    fixture.webhooks().enable("crm").join();
    await().until(() -> fixture.view("crm").state().equals("works"));
    fixture.published(ROOM, "m4");

    await().untilAsserted(() -> assertThat(endpoint.messages()).containsExactly("m1", "m4"));
  }

  @Test
  void beyond_its_backlog_the_oldest_go_and_a_gap_is_told_in_their_place() throws Exception {
    fixture.backlog(100_000).open();
    endpoint.behave(request -> Answer.status(500));
    String long1000 = "x".repeat(1_000);
    for (int i = 1; i <= 300; i++) {
      fixture.published(ROOM, i + "-" + long1000);
    }
    await().until(() -> dropped() >= 200 && fixture.view("crm").backlogBytes() <= 100_000);
    int before = endpoint.received.size();

    endpoint.behave(request -> Answer.status(200));

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(3));
      assertThat(endpoint.messages()).last().asString().startsWith("300-");
    });
    List<Received> told = endpoint.received.subList(before, endpoint.received.size());
    List<Received> gaps = told.stream().filter(got -> got.type().equals("gap")).toList();
    assertThat(gaps)
        .isNotEmpty()
        .allMatch(gap -> gap.text().contains("\"room_id\":7"))
        .allMatch(gap -> gap.text().contains("\"of\":\"message.published\""));
    assertThat(number(gaps.get(gaps.size() - 1), "to_seq")).isEqualTo((long) dropped());
    assertThat(lastOf(told)).isEqualTo(300);
  }

  private double dropped() {
    return fixture.meters.get("gochat.webhook.dropped").counter().count();
  }

  /** How far the endpoint knows the topic, where a gap is told before what follows what was dropped. */
  private static long lastOf(List<Received> told) {
    long last = 0;
    for (Received got : told) {
      boolean isGap = got.type().equals("gap");
      assertThat(number(got, isGap ? "from_seq" : "seq")).isLessThanOrEqualTo(last + 1);
      last = Math.max(last, number(got, isGap ? "to_seq" : "seq"));
    }
    return last;
  }

  private static long number(Received received, String member) {
    return Long.parseLong(received.text().replaceFirst(".*\"" + member + "\":(\\d+).*", "$1"));
  }

  @Test
  void who_did_not_read_and_is_not_connected_is_told_after_a_while() throws Exception {
    fixture
        .file(endpoint(
            "push", endpoint.url(), ",\"events\":[\"inbox.undelivered\"],\"allow_private\":true"))
        .standStill()
        .open();
    fixture.connected.add(2L);
    fixture.published(Topic.inbox(1), "to who is away");
    fixture.published(Topic.inbox(2), "to who is connected");
    fixture.published(Topic.inbox(3), "to who has read it");
    fixture.published(ROOM, "to a room");
    fixture
        .store()
        .positions()
        .acknowledge(3, "", fixture.store().log().epoch(), 1)
        .join();
    await().until(() -> fixture.view("push").backlogBytes() > 0);
    assertThat(endpoint.received).isEmpty();

    fixture.advance(Duration.ofSeconds(11));

    await().until(() -> fixture.view("push").backlogBytes() == 0);
    assertThat(endpoint.messages()).containsExactly("to who is away");
    assertThat(endpoint.received.get(0).type()).isEqualTo("inbox.undelivered");
    assertThat(endpoint.received.get(0).id()).startsWith("und_");
  }

  @Test
  void an_address_that_is_not_public_is_not_connected_to() throws Exception {
    fixture
        .file(endpoint(
            "crm",
            "https://localhost:" + endpoint.port() + "/",
            ",\"events\":[\"message.published\"]"))
        .open();

    fixture.published(ROOM, "m1");

    await().until(() -> fixture.tries("crm", Outcome.Kind.FORBIDDEN_ADDRESS) >= 1);
    assertThat(endpoint.connections).hasValue(0);
  }

  @Test
  void a_name_with_both_kinds_of_addresses_is_not_connected_to() throws Exception {
    fixture
        .names(name -> new InetAddress[] {
          InetAddress.getByAddress(new byte[] {93, (byte) 184, (byte) 215, 14}),
          InetAddress.getLoopbackAddress()
        })
        .file(endpoint(
            "crm",
            "https://example.com:" + endpoint.port() + "/",
            ",\"events\":[\"message.published\"]"))
        .open();

    fixture.published(ROOM, "m1");

    await().until(() -> fixture.tries("crm", Outcome.Kind.FORBIDDEN_ADDRESS) >= 1);
    assertThat(endpoint.connections).hasValue(0);
  }

  @Test
  void a_name_that_changes_behind_the_check_is_not_looked_up_again() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    fixture
        .names(name -> {
          // Public for the check; whoever asked again would find us.
          boolean isFirst = lookups.incrementAndGet() == 1;
          return new InetAddress[] {InetAddress.getByName(isFirst ? "192.31.7.1" : "127.0.0.1")};
        })
        .file(endpoint(
            "crm",
            "https://rebinding.example:" + endpoint.port() + "/",
            ",\"events\":[\"message.published\"]"))
        .open();

    fixture.published(ROOM, "m1");
    await().until(() -> lookups.get() >= 1);
    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(16));
      assertThat(lookups.get()).isGreaterThanOrEqualTo(2);
    });

    await().until(() -> fixture.tries("crm", Outcome.Kind.FORBIDDEN_ADDRESS) >= 1);
    assertThat(endpoint.connections).hasValue(0);
  }
}
