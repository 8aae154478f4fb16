package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.identity.ApiKey;
import io.gochat.server.identity.Scope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file of keys, and the accounts that keys speak for. */
@Timeout(60)
class ApiKeysTest {
  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();

  @AfterEach
  void stop() {
    nodes.close();
  }

  private Server start(String lines) throws Exception {
    Path file = Files.writeString(directory.resolve("keys"), lines);
    return nodes.start("--data-dir=" + directory.resolve("data"), "--api-keys=" + file);
  }

  @Test
  void the_name_of_a_key_is_nobody_elses() throws Exception {
    String hash = ApiKey.hash("k");
    Server server = start("# ours\nBilling publish,read " + hash + " # a comment\n\n");

    assertThat(nodes
            .post(server, "/user/register", "{\"username\":\"billing\",\"password\":\"x\"}")
            .errorCode())
        .isEqualTo("name_taken");
    assertThat(nodes
            .post(server, "/user/login", "{\"username\":\"billing\",\"password\":\"x\"}")
            .errorCode())
        .isEqualTo("bad_credentials");
  }

  @Test
  void a_key_with_the_name_of_a_person_refuses_the_start() throws Exception {
    Server first = start("");
    nodes.signIn(first, "alice");
    first.close();

    assertThatThrownBy(() -> start("Alice publish " + ApiKey.hash("k")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("line 1")
        .hasMessageContaining("belongs to a person");
  }

  @Test
  void mistakes_in_the_file_are_named_with_their_line() {
    for (String line : new String[] {
      "name", "name publish", "name fly " + ApiKey.hash("k"), "name publish abc", "a b c d"
    }) {
      assertThatThrownBy(() -> start("ok publish " + ApiKey.hash("k") + "\n" + line))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("line 2");
    }
  }

  @Test
  void a_command_makes_a_key_and_its_line() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    int status;
    try {
      status = Main.run(new String[] {"key", "billing", "publish,read"}, Map.of());
    } finally {
      System.setOut(before);
    }

    String[] lines = out.toString(StandardCharsets.UTF_8).strip().split("\\R", -1);
    assertThat(status).isZero();
    String key = lines[0].replaceFirst("^key: +", "");
    assertThat(lines[1])
        .endsWith(
            new ApiKey("billing", Set.of(Scope.PUBLISH, Scope.READ), ApiKey.hash(key)).line());
  }
}
