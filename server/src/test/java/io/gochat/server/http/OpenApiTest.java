package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.contract.OpenApiContract;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** That {@code /openapi.json} tells of everything there is; what answers look like is checked where they are got. */
class OpenApiTest {
  @Test
  void every_endpoint_is_in_the_document() {
    Set<String> paths = new TreeSet<>();
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint != Endpoint.ADMIN) {
        paths.add(endpoint.path());
      }
    }
    for (AdminCall call : AdminCall.values()) {
      paths.add(AdminCall.PREFIX + call.path());
    }

    assertThat(OpenApiContract.paths()).containsAll(paths);
  }

  @Test
  void each_takes_the_method_and_the_fields_that_it_reads() {
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.access() == Endpoint.Access.OPEN || endpoint.access() == Endpoint.Access.TOKEN) {
        assertFields(endpoint.path(), "post", new HashSet<>(endpoint.fields().keySet()));
      }
    }
    for (AdminCall call : AdminCall.values()) {
      assertFields(
          AdminCall.PREFIX + call.path(),
          call.method().name().toLowerCase(Locale.ROOT),
          call.fields().keySet());
    }
  }

  private static void assertFields(String path, String method, Set<String> fields) {
    JsonNode operation = OpenApiContract.document().get("paths").get(path).get(method);

    assertThat(operation).as(method + " " + path).isNotNull();
    JsonNode properties = operation.at("/requestBody/content/application~1json/schema/properties");
    Set<String> told =
        properties.isMissingNode() ? Set.of() : Set.copyOf(properties.propertyNames());
    assertThat(told).as(path).isEqualTo(fields);
  }

  @Test
  void every_word_of_an_error_is_told() {
    Set<String> told = new TreeSet<>();
    OpenApiContract.document()
        .at("/components/schemas/ErrorWord/examples")
        .forEach(word -> told.add(word.asString()));

    assertThat(told)
        .containsAll(Arrays.stream(ErrorKind.values()).map(ErrorKind::word).toList());
  }
}
