package io.gochat.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** Holds answers against {@code /openapi.json}: each that a test gets over HTTP is looked at. Thread-safe. */
public final class OpenApiContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode DOCUMENT = load();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Map<String, Schema> COMPILED = new ConcurrentHashMap<>();

  private OpenApiContract() {}

  private static JsonNode load() {
    try (InputStream in =
        OpenApiContract.class.getResourceAsStream("/io/gochat/server/http/openapi.json")) {
      assertThat(in).isNotNull();
      return JSON.readTree(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The document. */
  public static JsonNode document() {
    return DOCUMENT;
  }

  /** Its paths. */
  public static Set<String> paths() {
    return new TreeSet<>(DOCUMENT.get("paths").propertyNames());
  }

  /** Fails when the document does not promise this answer; of what it does not know it says nothing. */
  public static void check(
      String method, String target, int status, String contentType, String body) {
    String path = documented(target.replaceFirst("\\?.*", ""));
    if (path == null || method.equals("OPTIONS") || method.equals("HEAD")) {
      return;
    }
    String called = method + " " + path + " answered " + status;
    JsonNode operation = DOCUMENT.get("paths").get(path).get(method.toLowerCase(Locale.ROOT));
    JsonNode response = operation == null
        ? DOCUMENT.at("/components/responses/" + (status == 404 ? "NotFound" : "MethodNotAllowed"))
        : resolved(operation.get("responses").get(Integer.toString(status)));
    assertThat(response).as(called + ", which /openapi.json does not tell").isNotNull();
    assertThat(operation != null || status == 405 || status == 404).as(called).isTrue();
    String type = contentType.replaceFirst(";.*", "");
    JsonNode content = Objects.requireNonNull(response).get("content").get(type);
    assertThat(content).as(called + " as " + type).isNotNull();
    if (type.equals("application/json")) {
      Schema schema =
          COMPILED.computeIfAbsent(method + path + status, key -> compiled(content.get("schema")));
      assertThat(schema.validate(body, InputFormat.JSON))
          .as(called + ": " + body)
          .isEmpty();
    }
  }

  private static Schema compiled(JsonNode schema) {
    String text = schema.toString().replace("#/components/schemas/", "#/$defs/");
    ObjectNode whole = (ObjectNode) JSON.readTree(text);
    whole.set("$defs", DOCUMENT.at("/components/schemas"));
    return SCHEMAS.getSchema(whole);
  }

  private static @Nullable JsonNode resolved(@Nullable JsonNode response) {
    return response != null && response.has("$ref")
        ? DOCUMENT.at(response.get("$ref").asString().substring(1))
        : response;
  }

  private static @Nullable String documented(String path) {
    for (String template : paths()) {
      if (path.matches(template.replaceAll("\\{[^}]+}", "[^/]+"))) {
        return template;
      }
    }
    return null;
  }
}
