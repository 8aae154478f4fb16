package io.gochat.server.webhook;

import static io.gochat.server.webhook.WebhookFixture.ROOM;
import static io.gochat.server.webhook.WebhookFixture.endpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.server.webhook.ReceivingEndpoint.Answer;
import io.gochat.server.webhook.ReceivingEndpoint.Received;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DeliveryTest {
  @TempDir
  Path directory;

  private WebhookFixture fixture;
  private ReceivingEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    endpoint = ReceivingEndpoint.start();
    fixture = new WebhookFixture(directory).file(endpoint("crm", endpoint)).open();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
    endpoint.close();
  }

  private static List<String> texts(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> "m" + i).toList();
  }

  private void publish(Topic topic, List<String> texts) {
    texts.stream().map(text -> fixture.publish(topic, text)).toList().forEach(done -> {
      assertThat(done.join()).isInstanceOf(Accepted.class);
    });
  }

  private void awaitMessages(List<String> texts) {
    await().untilAsserted(() -> assertThat(endpoint.messages()).containsExactlyElementsOf(texts));
  }

  @Test
  void a_message_is_told_with_its_signature() {
    Accepted accepted = fixture.published(ROOM, "hello");

    awaitMessages(List.of("hello"));

    Received received = endpoint.received.get(0);
    assertThat(received.target()).isEqualTo("/hook");
    assertThat(received.id()).isEqualTo("msg_" + accepted.messageId());
    assertThat(received.isSignedBy(ReceivingEndpoint.SECRET)).isTrue();
    assertThat(received.headers()).containsEntry("content-type", "application/json");
    assertThat(received.text())
        .matches("\\{\"type\":\"message.published\",\"timestamp\":\"20[^\"]*Z\",\"data\":\\{"
            + "\"message_id\":" + accepted.messageId() + ",\"seq\":1,\"msg\":\"hello\","
            + "\"to_user_id\":0,\"to_user_name\":\"\",\"from_user_id\":3,"
            + "\"from_user_name\":\"bob\",\"room_id\":7,\"created_at_ms\":\\d+,\"epoch\":\\d+}}");
  }

  @Test
  void a_topic_is_told_in_order_and_connections_are_used_again() {
    publish(ROOM, texts(1, 300));

    awaitMessages(texts(1, 300));
    assertThat(endpoint.connections).hasValue(1);
  }

  @Test
  void topics_are_told_beside_each_other() {
    Set<String> refused = ConcurrentHashMap.newKeySet();
    endpoint.behave(request -> {
      boolean isPoison = request.text().contains("\"room_id\":7,");
      if (isPoison) {
        refused.add(request.message());
      }
      return Answer.status(isPoison ? 500 : 200);
    });
    publish(ROOM, texts(1, 5));

    publish(Topic.room(8), texts(10, 50));

    await()
        .untilAsserted(
            () -> assertThat(endpoint.messages()).contains("m50", "m1").doesNotContain("m2"));
    assertThat(refused).containsExactly("m1");
  }

  @Test
  void what_fails_is_tried_again_with_the_same_id_and_then_the_topic_goes_on() {
    List<Integer> answers = new ArrayList<>(List.of(500, 503, 429, 302, 408));
    endpoint.behave(request -> {
      synchronized (answers) {
        return Answer.status(answers.isEmpty() ? 204 : answers.remove(0), "location: /elsewhere");
      }
    });
    publish(ROOM, texts(1, 2));

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(10));
      assertThat(endpoint.messages()).containsExactly("m1", "m2");
    });

    assertThat(endpoint.received.stream().map(Received::id).distinct()).hasSize(2);
    assertThat(endpoint.received.stream().map(Received::message))
        .startsWith("m1", "m1", "m1", "m1", "m1", "m1")
        .endsWith("m2");
    assertThat(endpoint.received.stream().map(Received::target)).containsOnly("/hook");
    assertThat(endpoint.received).allMatch(got -> got.isSignedBy(ReceivingEndpoint.SECRET));
  }

  @Test
  void an_answer_that_nobody_asked_for_is_not_the_next_event_s() {
    String taken = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    List<Answer> answers =
        new ArrayList<>(List.of(Answer.raw(taken + taken, Answer.Then.KEEP), Answer.status(503)));
    endpoint.behave(request -> {
      synchronized (answers) {
        return answers.isEmpty() ? Answer.status(200) : answers.remove(0);
      }
    });

    publish(ROOM, texts(1, 3));

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(10));
      assertThat(endpoint.received.stream().map(Received::message))
          .containsExactly("m1", "m2", "m2", "m3");
    });
  }

  @Test
  void what_was_told_is_not_told_again_after_a_restart_and_what_was_not_is() throws Exception {
    publish(ROOM, texts(1, 3));
    awaitMessages(texts(1, 3));
    endpoint.behave(request -> Answer.status(503));
    publish(ROOM, texts(4, 6));
    await().until(() -> endpoint.messages().contains("m4"));

    fixture.reopen();
    int before = endpoint.received.size();
    endpoint.behave(request -> Answer.status(200));

    awaitMessages(texts(1, 6));
    assertThat(endpoint.received.subList(before, endpoint.received.size()))
        .extracting(Received::message)
        .doesNotContain("m1", "m2", "m3");
  }

  @Test
  void what_was_told_just_before_a_stop_is_written_and_not_told_again() throws Exception {
    fixture.close();
    fixture.standStill().open(); // so that nothing is written because its time has come
    publish(ROOM, texts(1, 3));
    fixture.awaitDelivered("crm", 3);

    fixture.reopen();
    publish(ROOM, texts(4, 4));

    awaitMessages(texts(1, 4));
    assertThat(endpoint.received).hasSize(4);
  }

  @Test
  void how_far_each_endpoint_came_just_before_a_stop_is_written() throws Exception {
    try (ReceivingEndpoint slow = ReceivingEndpoint.start()) {
      slow.behave(request -> Answer.status(500));
      fixture.close();
      fixture
          .file(endpoint("crm", endpoint), endpoint("slow", slow))
          .standStill()
          .open();
      publish(ROOM, texts(1, 3));
      fixture.awaitDelivered("crm", 3);
      fixture.awaitRefused("slow", 1);

      fixture.reopen();
      slow.behave(request -> Answer.status(200));
      publish(ROOM, texts(4, 4));

      awaitMessages(texts(1, 4));
      assertThat(endpoint.received).hasSize(4);
    }
  }

  @Test
  void everything_told_leaves_nothing_behind_in_the_store() {
    publish(ROOM, texts(1, 20));
    publish(Topic.inbox(5), texts(21, 40));

    await()
        .untilAsserted(() -> assertThat(
                fixture.store().outbox().orElseThrow().backlogs(null, 10).join())
            .isEmpty());
    assertThat(fixture.view("crm").backlogBytes()).isZero();
  }

  @Test
  void a_restart_while_the_endpoint_is_away_keeps_the_order() throws Exception {
    endpoint.behave(request -> Answer.status(500));
    publish(ROOM, texts(1, 100));
    fixture.reopen();
    publish(ROOM, texts(101, 200));
    endpoint.behave(request -> Answer.status(200));

    await().untilAsserted(() -> {
      fixture.advance(Duration.ofSeconds(5));
      assertThat(endpoint.messages()).containsExactlyElementsOf(texts(1, 200));
    });
  }

  @Test
  void two_endpoints_do_not_wait_for_each_other_and_a_record_stays_for_the_slower_one()
      throws Exception {
    try (ReceivingEndpoint slow = ReceivingEndpoint.start()) {
      slow.behave(request -> Answer.status(500));
      fixture.file(endpoint("crm", endpoint), endpoint("slow", slow));
      fixture.reload();
      await().until(() -> fixture.view("slow").state().equals("works"));
      publish(ROOM, texts(1, 10));
      awaitMessages(texts(1, 10));
      fixture.awaitDelivered("crm", 10);

      fixture.reopen();
      slow.behave(request -> Answer.status(200));

      await().untilAsserted(() -> {
        fixture.advance(Duration.ofSeconds(5));
        assertThat(slow.messages()).containsExactlyElementsOf(texts(1, 10));
      });
      assertThat(endpoint.received).hasSize(10);
    }
  }

  @Test
  void a_new_name_starts_now_and_a_removed_one_drops_its_backlog() throws Exception {
    try (ReceivingEndpoint late = ReceivingEndpoint.start()) {
      endpoint.behave(request -> Answer.status(500));
      publish(ROOM, texts(1, 5));
      fixture.file(endpoint("late", late));
      fixture.reload();
      await().until(() -> fixture.view("late").state().equals("works"));

      publish(ROOM, texts(6, 7));

      await()
          .untilAsserted(() -> assertThat(late.messages()).containsExactlyElementsOf(texts(6, 7)));
      await()
          .untilAsserted(() -> assertThat(
                  fixture.store().outbox().orElseThrow().backlogs(null, 10).join())
              .isEmpty());
      int before = endpoint.received.size();
      fixture.file(endpoint("crm", endpoint));
      fixture.reload();
      endpoint.behave(request -> Answer.status(200));
      await().until(() -> fixture.view("crm").state().equals("works"));
      publish(ROOM, texts(8, 8));
      await().until(() -> endpoint.messages().contains("m8"));
      assertThat(endpoint.received.subList(before, endpoint.received.size()))
          .extracting(Received::message)
          .containsExactly("m8");
    }
  }

  @Test
  void two_secrets_sign_while_one_takes_the_place_of_the_other() throws Exception {
    String fresh = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    fixture.file(
        endpoint("crm", endpoint).replace("\"secrets\":[", "\"secrets\":[\"" + fresh + "\","));
    fixture.reload();

    await().untilAsserted(() -> {
      fixture.published(ROOM, "again");
      assertThat(endpoint.received)
          .anyMatch(got -> got.isSignedBy(fresh) && got.isSignedBy(ReceivingEndpoint.SECRET));
    });
  }
}
