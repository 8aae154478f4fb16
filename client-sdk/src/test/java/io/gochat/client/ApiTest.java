package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What other people's programs may use, as it is recorded: whoever changes it sees so, and decides. Written anew with
 * {@code -Dgochat.api.write=true}.
 */
class ApiTest {
  private static final Path RECORDED = Path.of("src", "test", "resources", "api.txt");
  private static final Pattern PUBLIC_CLASS =
      Pattern.compile("public [a-z -]*(?:class|interface) ([\\w.$]+)");

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

  /** javap names classes that are not public too, and those inside of them that seem to be. */
  private static String publicOnly(String all) {
    Map<String, StringBuilder> classes = new LinkedHashMap<>();
    StringBuilder present = new StringBuilder();
    for (String line : all.lines().toList()) {
      Matcher start = PUBLIC_CLASS.matcher(line);
      if (start.lookingAt()) {
        present = classes.computeIfAbsent(start.group(1), name -> new StringBuilder());
      } else if (!line.startsWith(" ") && !line.startsWith("}")) {
        present = new StringBuilder(); // of no interest
      }
      present.append(line).append('\n');
    }
    return classes.entrySet().stream()
        .filter(each -> classes.keySet().containsAll(around(each.getKey())))
        .map(each -> each.getValue().toString())
        .collect(Collectors.joining());
  }

  /** The classes that a nested one is in. */
  private static List<String> around(String name) {
    return IntStream.range(0, name.length())
        .filter(i -> name.charAt(i) == '$')
        .mapToObj(i -> name.substring(0, i))
        .toList();
  }
}
