package io.gochat.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsFileTest {
  private static final String GOOD =
      "{'name':'crm','url':'https://example.com/hook?x=1','secrets':['" + ReceivingEndpoint.SECRET
          + "'],'events':['message.published','gap']}";

  private static List<Endpoint> parse(String json) {
    return EndpointsFile.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void an_endpoint_is_what_the_file_says() {
    Endpoint endpoint = parse("[" + GOOD + "]").get(0);

    assertThat(endpoint.name()).isEqualTo("crm");
    assertThat(endpoint.host()).isEqualTo("example.com");
    assertThat(endpoint.port()).isEqualTo(443);
    assertThat(endpoint.target()).isEqualTo("/hook?x=1");
    assertThat(endpoint.events())
        .containsExactlyInAnyOrder(EventType.MESSAGE_PUBLISHED, EventType.GAP);
    assertThat(endpoint.topics()).isEqualTo(TopicFilter.ALL);
    assertThat(endpoint.allowPrivate()).isFalse();
    assertThat(endpoint.toString()).doesNotContain("whsec");
  }

  @Test
  void topics_are_ids_and_kinds() {
    Endpoint endpoint = parse("[" + GOOD.replace("}", ",'topics':[{'room_id':7},'inboxes']}") + "]")
        .get(0);

    assertThat(endpoint.topics()).isEqualTo(new TopicFilter(false, true, Set.of(Topic.room(7))));
    assertThat(endpoint.wanted().has(Topic.room(7))).isTrue();
    assertThat(endpoint.wanted().has(Topic.room(8))).isFalse();
    assertThat(endpoint.wanted().has(Topic.inbox(8))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "https:|http:|https",
        "https://example.com|ftp://example.com|https",
        "https://example.com|https://u:p@example.com|no user",
        "https://example.com|https:|url",
        "'crm'|'c r m'|name",
        "'crm'|7|name",
        "'name'|'nam'|no setting nam",
        "message.published|message.seen|there is no message.seen",
        "['message.published','gap']|[]|events",
        "whsec_|whsek_|whsec_",
        "'gap']|'gap'],'topics':[]|topics",
        "'gap']|'gap'],'topics':['all']|topics",
        "'gap']|'gap'],'topics':[{'room_id':0}]|room_id",
        "'gap']|'gap'],'allow_private':1|allow_private",
        "'gap']|'gap'],'name':'twice'|valid JSON",
        "}|},{'name':'other'}|url: is missing"
      })
  void what_is_wrong_is_said_in_a_sentence(String good, String bad, String sentence) {
    assertThatThrownBy(() -> parse("[" + GOOD.replace(good, bad) + "]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence)
        .satisfies(thrown ->
            assertThat(thrown.getMessage()).doesNotContain("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  }

  @Test
  void a_name_is_there_once() {
    assertThatThrownBy(() -> parse("[" + GOOD + "," + GOOD + "]"))
        .hasMessageContaining("crm is there twice");
  }
}
