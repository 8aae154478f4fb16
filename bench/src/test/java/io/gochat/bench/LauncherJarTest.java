package io.gochat.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.bench.verify.Jars;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./gochat} itself, on a Java that lacks something. */
@Tag("long")
@Timeout(300)
class LauncherJarTest {
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.security.jgss,java.sql,java.xml,"
          + "java.net.http,jdk.management,jdk.unsupported,jdk.crypto.ec,jdk.zipfs";

  @TempDir
  private Path directory;

  private @Nullable Process process;

  @AfterEach
  void kill() throws InterruptedException {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void a_java_without_an_archive_of_classes_starts_the_server_again_and_again() throws Exception {
    Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
    assumeTrue(Files.isExecutable(jlink), "no jlink: no Java without an archive of classes");
    Path jre = directory.resolve("jre");
    assumeTrue(
        run(jlink.toString(), "--add-modules", MODULES, "--output", jre.toString()) == 0,
        "this JDK has no modules to make a Java of");
    assertThat(jre.resolve("lib/server/classes.jsa")).doesNotExist();
    Path home = home();

    for (int start = 0; start < 2; start++) {
      serve(home, jre);

      try (Stream<Path> left = Files.list(home.resolve("server/target"))) {
        assertThat(left).hasSize(2); // the jar, and that there is no archive of it
      }
    }
  }

  private void serve(Path home, Path jre) throws IOException, InterruptedException {
    Path errors = directory.resolve("errors");
    ProcessBuilder builder = new ProcessBuilder(
            home.resolve("gochat").toString(),
            "server",
            "--host=127.0.0.1",
            "--port=0",
            "--data-dir=" + directory.resolve("data"))
        .redirectError(errors.toFile());
    builder.environment().put("JAVA_HOME", jre.toString());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    process = builder.start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));

    assertThat(String.valueOf(out.readLine()))
        .as(Files.readString(errors))
        .startsWith("gochat ready on ");
    assertThat(Files.readString(errors)).doesNotContain("jsa", "mv:");
    process.toHandle().destroy();
    assertThat(process.waitFor()).isZero();
  }

  /** What the launcher looks for around itself, with the jar that was built. */
  private Path home() throws IOException {
    Path home = directory.resolve("home");
    for (String source : List.of("codec", "server/target", "client-js/src")) {
      Files.createDirectories(home.resolve(source));
    }
    Files.copy(Path.of("..", "pom.xml"), home.resolve("pom.xml"));
    Files.copy(Path.of("..", "gochat"), home.resolve("gochat"));
    assertThat(home.resolve("gochat").toFile().setExecutable(true)).isTrue();
    Files.copy(Jars.server(), home.resolve("server/target/gochat-server.jar")); // the newest of all
    return home;
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
