package io.gochat.bench.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.Jars;
import io.gochat.bench.verify.TestServer;
import io.gochat.testing.Signals;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The terminal client as its user runs it: a process of its own, standard input and output. */
@Timeout(300)
class ChatJarTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir
  private static Path shared;

  private static TestServer server;
  private static HttpApi.User bob;

  private final List<Process> chats = new ArrayList<>();

  @TempDir
  private Path dir;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(shared);
    bob = server.api().signIn("bob", "builder");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void endChats() {
    chats.forEach(Process::destroyForcibly);
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
    Signals.assumeInterruptIsHeard();
    Process chat = chat("carol", "--register", "--room", "8");
    await().atMost(SOON).until(() -> shown().contains("room 8, 1 person"));

    push("/push/pushRoom", 8, 0, "are you there?");
    push("/push/push", 0, carolId(), "only for you");

    await().atMost(SOON).until(() -> shown().contains("bob: are you there?"));
    await().atMost(SOON).until(() -> shown().contains("bob → carol: only for you"));
    new ProcessBuilder("kill", "-INT", Long.toString(chat.pid())).start().waitFor();
    assertThat(chat.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(chat.exitValue()).isEqualTo(130);
    // It was acknowledged on the way out: nothing comes a second time.
    Process again = chat("carol", "--room", "8");
    await().atMost(SOON).until(() -> shown().contains("room 8, 1 person"));
    type(again, "/quit\n");
    assertThat(again.waitFor(60, TimeUnit.SECONDS)).isTrue();
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

  @Test
  void what_comes_in_leaves_what_is_being_typed_alone() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no /usr/bin/script: no terminal");
    Process chat = chatInTerminal("dora", "--register", "--room", "9");
    awaitShown("room 9> ");
    awaitShown("dora joined");

    type(chat, "half-");
    awaitShown("room 9> half-");
    push("/push/pushRoom", 9, 0, "a message in between");
    awaitShown("a message in between");
    // The prompt stands below it, with what was typed.
    await().atMost(SOON).until(() -> after("a message in between").contains("room 9> half-"));
    type(chat, "typed\r");
    await().atMost(SOON).until(() -> texts("room_id", 9L).contains("half-typed"));
    awaitShown("dora\u001b[0m: half-typed");

    // The arrow brings a line back, Ctrl-C throws a line away, Ctrl-D ends.
    type(chat, "\u001bOA\r");
    await()
        .atMost(SOON)
        .until(() -> texts("room_id", 9L).stream().filter("half-typed"::equals).count() == 2);
    type(chat, "never said");
    awaitShown("never said");
    type(chat, "\u0003");
    await().atMost(SOON).until(() -> after("never said").contains("room 9> "));
    type(chat, "\u0004");
    assertThat(chat.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(chat.exitValue()).as(shown()).isZero();
    assertThat(texts("room_id", 9L)).doesNotContain("never said");
  }

  @Test
  void a_window_that_is_resized_keeps_what_is_being_typed() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no /usr/bin/script: no terminal");
    Process chat = chatInTerminal("fay", "--register", "--room", "11");
    awaitShown("fay joined");
    String typed = "a line that is longer than the narrow window";
    type(chat, typed);
    awaitShown("room 11> " + typed);

    resize(24);
    push("/push/pushRoom", 11, 0, "narrow");
    // All of it, below what came in.
    await()
        .atMost(SOON)
        .until(() -> screen(after("bob\u001b[0m: narrow")).endsWith("room 11> " + typed));
    resize(100);
    push("/push/pushRoom", 11, 0, "wide");
    await()
        .atMost(SOON)
        .until(() -> screen(after("bob\u001b[0m: wide")).endsWith("room 11> " + typed));
    type(chat, ", and goes on\r");

    await().atMost(SOON).until(() -> texts("room_id", 11L).contains(typed + ", and goes on"));
    type(chat, "\u0004");
    assertThat(chat.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(chat.exitValue()).as(shown()).isZero();
  }

  /** Done when the line was drawn anew. */
  private void resize(int columns) throws Exception {
    int before = shown().length();
    String terminal = Files.readString(dir.resolve("terminal")).strip();
    assertThat(new ProcessBuilder("stty", "-F", terminal, "cols", Integer.toString(columns))
            .start()
            .waitFor())
        .isZero();
    await().atMost(SOON).until(() -> screen(shown().substring(before)).endsWith("narrow window"));
  }

  /** The text of it, without what moves the cursor. */
  private static String screen(String shown) {
    return shown.replaceAll("\u001b\\[[0-9;?]*[A-Za-z]|\u001b[=>]|[\r\n]", "").strip();
  }

  @Test
  void ctrl_c_on_an_empty_line_ends_with_status_130() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no /usr/bin/script: no terminal");
    Process chat = chatInTerminal("erin", "--register", "--room", "10");
    awaitShown("erin joined");

    type(chat, "\u0003");

    assertThat(chat.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(chat.exitValue()).as(shown()).isEqualTo(130);
  }

  private void awaitShown(String text) {
    await().atMost(SOON).until(() -> shown().contains(text));
  }

  /** What was shown behind the last time that this was. */
  private String after(String text) throws IOException {
    String all = shown();
    return all.substring(all.lastIndexOf(text) + text.length());
  }

  /** In a terminal of its own. */
  private Process chatInTerminal(String user, String... flags) throws IOException {
    String line = "stty cols 60 rows 20; tty > " + dir.resolve("terminal") + "; exec "
        + String.join(" ", command(user, flags));
    ProcessBuilder builder = new ProcessBuilder("/usr/bin/script", "-qefc", line, "/dev/null");
    builder.environment().put("TERM", "xterm");
    return start(builder);
  }

  private Process chat(String user, String... flags) throws IOException {
    return start(new ProcessBuilder(command(user, flags)));
  }

  private static List<String> command(String user, String... flags) {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-Dfile.encoding=UTF-8",
        "-Dstdout.encoding=UTF-8",
        "-jar",
        Jars.tools().toString(),
        "chat",
        "--attach",
        "127.0.0.1:" + server.port()));
    if (!user.isEmpty()) {
      command.addAll(List.of("--user", user));
    }
    command.addAll(List.of(flags));
    return command;
  }

  private Process start(ProcessBuilder builder) throws IOException {
    builder.redirectErrorStream(true).redirectOutput(dir.resolve("shown").toFile());
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

  private long carolId() throws Exception {
    return server.api().logIn("carol", "secret").id();
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
