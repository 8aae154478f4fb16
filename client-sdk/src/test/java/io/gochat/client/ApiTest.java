package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What other people's programs may use, as it is recorded: whoever changes it sees so, and decides. Written anew with
 * {@code -Dgochat.api.write=true}.
 */
class ApiTest {
  private static final Path RECORDED = Path.of("src", "test", "resources", "api.txt");

  @Test
  void the_public_api_is_what_is_recorded() throws Exception {
    String present = api();
    if (Boolean.getBoolean("gochat.api.write")) {
      Files.writeString(RECORDED, present);
    }

    assertThat(present)
        .as("the public API, beside %s; to take it over: -Dgochat.api.write=true", RECORDED)
        .isEqualTo(Files.readString(RECORDED));
  }

  private static String api() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-public"));
    try (Stream<Path> classes =
        Files.list(Path.of("target", "classes", "io", "gochat", "client"))) {
      classes
          .map(Path::toString)
          .filter(name -> name.endsWith(".class"))
          .sorted()
          .forEach(arguments::add);
    }
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      ToolProvider.findFirst("javap")
          .orElseThrow(() -> new AssertionError("this JVM has no javap: a JDK is needed"))
          .run(out, out, arguments.toArray(String[]::new));
    }
    return publicOnly(output.toString(StandardCharsets.UTF_8));
  }

  /** javap names classes that are not public too. */
  private static String publicOnly(String all) {
    StringBuilder api = new StringBuilder();
    boolean isPublic = false;
    for (String line : all.lines().toList()) {
      if (line.startsWith("Compiled from")) {
        continue;
      }
      if (!line.startsWith(" ") && !line.startsWith("}")) {
        isPublic = line.startsWith("public ");
      }
      if (isPublic) {
        api.append(line).append('\n');
      }
    }
    return api.toString();
  }
}
