package io.gochat.server.webhook;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gochat.protocol.Limits;
import io.gochat.server.files.WatchedFile;
import io.gochat.server.json.StrictFactory;
import io.gochat.server.json.StrictText;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file of the endpoints: a JSON array, strictly read. Stateless. */
final class EndpointsFile {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MOST_ENDPOINTS = 100;
  private static final int MOST_TOPICS = 10_000;

  private EndpointsFile() {}

  /** Reads it. */
  static List<Endpoint> read(WatchedFile watched) throws UnusableException {
    Path file = watched.path();
    byte[] bytes;
    try {
      if (watched.reading() > MAX_BYTES) {
        throw new UnusableException(
            "--webhooks=" + file + " is larger than a file of webhooks can be.");
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UnusableException("--webhooks=" + file + " cannot be read: " + e + ".");
    }
    try {
      return parse(bytes);
    } catch (IllegalArgumentException e) {
      throw new UnusableException("--webhooks=" + file + ": " + e.getMessage() + ".");
    }
  }

  /** What is wrong is an {@link IllegalArgumentException}; it does not quote secrets. */
  static List<Endpoint> parse(byte[] bytes) {
    String problem = StrictText.problemIn(bytes, bytes.length);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
    try (JsonParser json = StrictFactory.of(MAX_BYTES).createParser(bytes)) {
      List<Endpoint> endpoints = new ArrayList<>();
      Set<String> names = new HashSet<>();
      want(json.nextToken() == JsonToken.START_ARRAY, "a JSON array is wanted");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        want(json.currentToken() == JsonToken.START_OBJECT, "an array of objects is wanted");
        Endpoint endpoint = endpoint(json, endpoints.size() + 1);
        want(names.add(endpoint.name()), "the name " + endpoint.name() + " is there twice");
        endpoints.add(endpoint);
        want(endpoints.size() <= MOST_ENDPOINTS, "more than " + MOST_ENDPOINTS + " endpoints");
      }
      want(json.nextToken() == null, "text behind the array");
      return List.copyOf(endpoints);
    } catch (IOException e) {
      // The parser's own message quotes the input, in which there are secrets.
      throw new IllegalArgumentException("not valid JSON, or a key is there twice");
    }
  }

  private static Endpoint endpoint(JsonParser json, int number) throws IOException {
    Fields fields = new Fields();
    String where = "endpoint " + number;
    try {
      for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
        fields.take(key, json);
      }
      where = fields.name == null ? where : "endpoint " + number + " (" + fields.name + ")";
      return fields.endpoint();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage());
    }
  }

  /** What an endpoint is made of. */
  private static final class Fields {
    @Nullable
    String name;

    private @Nullable URI url;
    private final List<String> secrets = new ArrayList<>();
    private final Set<EventType> events = EnumSet.noneOf(EventType.class);
    private TopicFilter topics = TopicFilter.ALL;
    private boolean allowPrivate;

    void take(String key, JsonParser json) throws IOException {
      JsonToken value = json.nextToken();
      switch (key) {
        case "name" -> name = text(json, key);
        case "url" -> url = url(text(json, key));
        case "secrets" -> each(json, key, () -> secrets.add(text(json, key)));
        case "events" -> each(json, key, () -> events.add(event(text(json, key))));
        case "topics" -> topics = topics(json);
        case "allow_private" -> {
          want(value.isBoolean(), "allow_private: true or false is wanted");
          allowPrivate = value == JsonToken.VALUE_TRUE;
        }
        default -> throw new IllegalArgumentException("there is no setting " + key);
      }
    }

    Endpoint endpoint() {
      if (name == null) {
        throw new IllegalArgumentException("name: is missing");
      }
      if (url == null) {
        throw new IllegalArgumentException("url: is missing");
      }
      return new Endpoint(name, url, secrets, events, topics, allowPrivate);
    }
  }

  private static URI url(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("url: not a URL");
    }
  }

  private static EventType event(String word) {
    return EventType.of(word)
        .orElseThrow(() -> new IllegalArgumentException("events: there is no " + word));
  }

  private static TopicFilter topics(JsonParser json) throws IOException {
    want(json.currentToken() == JsonToken.START_ARRAY, "topics: an array is wanted");
    TopicFilter all = TopicFilter.NONE;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      all = all.or(topic(json));
      want(all.topics().size() <= MOST_TOPICS, "topics: more than " + MOST_TOPICS);
    }
    want(!all.equals(TopicFilter.NONE), "topics: empty; leave it out for all");
    return all;
  }

  private static TopicFilter topic(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return switch (json.getText()) {
        case "rooms" -> new TopicFilter(true, false, Set.of());
        case "inboxes" -> new TopicFilter(false, true, Set.of());
        default ->
          throw new IllegalArgumentException(
              "topics: \"rooms\", \"inboxes\", {\"room_id\":7} or {\"user_id\":42} is wanted");
      };
    }
    want(json.currentToken() == JsonToken.START_OBJECT, "topics: an object or a word is wanted");
    String key = String.valueOf(json.nextFieldName());
    want(
        json.nextToken() == JsonToken.VALUE_NUMBER_INT
            && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
            && Limits.isId(json.getLongValue()),
        "topics: " + key + ": not an id");
    long id = json.getLongValue();
    want(json.nextToken() == JsonToken.END_OBJECT, "topics: one id in each object is wanted");
    return switch (key) {
      case "room_id" -> new TopicFilter(false, false, Set.of(Topic.room(id)));
      case "user_id" -> new TopicFilter(false, false, Set.of(Topic.inbox(id)));
      default -> throw new IllegalArgumentException("topics: there is no " + key);
    };
  }

  private interface Element {
    void read() throws IOException;
  }

  private static void each(JsonParser json, String key, Element element) throws IOException {
    want(json.currentToken() == JsonToken.START_ARRAY, key + ": an array is wanted");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      element.read();
    }
  }

  private static String text(JsonParser json, String key) throws IOException {
    want(json.currentToken() == JsonToken.VALUE_STRING, key + ": a text is wanted");
    return json.getText();
  }

  private static void want(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
