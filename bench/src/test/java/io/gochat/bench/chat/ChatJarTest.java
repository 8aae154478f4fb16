package io.gochat.bench.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.Jars;
import io.gochat.bench.verify.TestServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The terminal client as its user runs it: a process of its own, standard input and output. */
@Timeout(120)
class ChatJarTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final List<Process> chats = new ArrayList<>();
  private TestServer server;
  private HttpApi.User bob;

  @TempDir
  Path dir;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start(dir);
    bob = server.api().signIn("bob", "builder");
  }

  @AfterEach
  void stop() {
    chats.forEach(Process::destroyForcibly);
    server.close();
  }

  @Test
  void what_is_piped_in_is_said_and_what_others_said_is_shown_without_its_teeth() throws Exception {
    push("/push/pushRoom", 7, 0, "before\u001b[2J you came");
    Process chat = chat("alice", "--register", "--room", "7");

    type(chat, "hello everybody\n/msg bob psst\n/msg nobody hi\n/who\n/nonsense\n");
    chat.getOutputStream().close();

    // One line could not be done.
    assertThat(chat.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    String shown = shown();
    assertThat(chat.exitValue()).as(shown).isEqualTo(1);
    assertThat(shown)
        .contains("bob: before\uFFFD[2J you came")
        .contains("to bob: psst")
        .contains("there is no user nobody")
        .contains("1 person: alice")
        .contains("/help lists them")
        .doesNotContain("\u001b");
    assertThat(texts("room_id", 7L)).containsExactly("before\u001b[2J you came", "hello everybody");
    assertThat(texts("inbox", true)).containsExactly("psst");
  }

  @Test
  void messages_appear_while_it_runs_and_ctrl_c_ends_it_cleanly() throws Exception {
    Process chat = chat("alice", "--register", "--room", "7");
    await().atMost(SOON).until(() -> shown().contains("room 7, 1 person"));

    push("/push/pushRoom", 7, 0, "are you there?");
    push("/push/push", 0, aliceId(), "only for you");

    await().atMost(SOON).until(() -> shown().contains("bob: are you there?"));
    await().atMost(SOON).until(() -> shown().contains("bob → alice: only for you"));
    new ProcessBuilder("kill", "-INT", Long.toString(chat.pid())).start().waitFor();
    assertThat(chat.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(chat.exitValue()).isEqualTo(130);
    // It was acknowledged on the way out: nothing comes a second time.
    Process again = chat("alice", "--room", "7");
    await().atMost(SOON).until(() -> shown().contains("room 7, 1 person"));
    type(again, "/quit\n");
    assertThat(again.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(again.exitValue()).as(shown()).isZero();
    assertThat(shown()).contains("are you there?").doesNotContain("only for you");
  }

  @Test
  void a_wrong_password_and_a_missing_one_end_it_with_a_sentence() throws Exception {
    Process chat = chat("bob", "--password", "wrong");
    assertThat(chat.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(chat.exitValue()).isEqualTo(1);
    assertThat(shown()).contains("cannot log in as bob");

    Process unnamed = chat("", "--room", "7");
    assertThat(unnamed.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(unnamed.exitValue()).isEqualTo(2);
    assertThat(shown()).contains("--user");
  }

  private Process chat(String user, String... flags) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-Dfile.encoding=UTF-8",
        "-Dstdout.encoding=UTF-8",
        "-jar",
        Jars.tools().toString(),
        "chat",
        "--port",
        Integer.toString(server.port())));
    if (!user.isEmpty()) {
      command.addAll(List.of("--user", user));
    }
    command.addAll(List.of(flags));
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("shown").toFile());
    builder.environment().put("GOCHAT_PASSWORD", "secret");
    Process process = builder.start();
    chats.add(process);
    return process;
  }

  private static void type(Process chat, String lines) throws IOException {
    OutputStream keyboard = chat.getOutputStream();
    keyboard.write(lines.getBytes(UTF_8));
    keyboard.flush();
  }

  private String shown() throws IOException {
    return Files.readString(dir.resolve("shown"));
  }

  private long aliceId() throws Exception {
    return server.api().logIn("alice", "secret").id();
  }

  private void push(String path, long room, long toUser, String text) throws Exception {
    HttpApi.Answer answer = server
        .api()
        .post(
            path, Map.of("msg", text, "to_user_id", toUser, "room_id", room, "token", bob.token()));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
  }

  private List<String> texts(String topic, Object value) throws Exception {
    return server
        .api()
        .post(
            "/push/history",
            Map.of("token", bob.token(), topic, value, "after_seq", 0, "limit", 100))
        .objects("messages")
        .stream()
        .map(message -> String.valueOf(message.getOrDefault("text", message.get("msg"))))
        .toList();
  }
}
