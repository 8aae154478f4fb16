package io.gochat.server.page;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process that is killed and started again on the same port and directory. Confined to the test's thread. */
public final class KillableServer implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("gochat ready on [^ ]+:(\\d+) in .*");

  private final Path directory;
  private final List<String> flags;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Process process;
  private int port;

  /** Starts one with these flags beside its address and directory, and cheap passwords. */
  public KillableServer(Path directory, String... flags) throws IOException {
    this.directory = directory;
    this.flags = List.of(flags);
    this.process = launch();
  }

  String url() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** Where it listens, at 127.0.0.1. */
  public int port() {
    return port;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void startAgain() throws IOException {
    process = launch();
  }

  /** Makes an account, and returns the token of a login. */
  String signUp(String name) throws Exception {
    post("user/register", "{\"username\":\"" + name + "\",\"password\":\"secret\"}");
    return logIn(name);
  }

  String logIn(String name) throws Exception {
    String answer = post("user/login", "{\"username\":\"" + name + "\",\"password\":\"secret\"}");
    Matcher token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(answer);
    if (!token.find()) {
      throw new IllegalStateException(answer);
    }
    return token.group(1);
  }

  void pushRoom(String token, long room, String text) throws Exception {
    post(
        "push/pushRoom",
        "{\"token\":\"" + token + "\",\"room_id\":" + room + ",\"msg\":\"" + text + "\"}");
  }

  String post(String path, String json) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path))
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseParallelGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx512m",
        "-cp",
        System.getProperty("java.class.path"),
        "io.gochat.server.Main",
        "--host=127.0.0.1",
        "--port=" + port,
        "--bcrypt-cost=4",
        "--registrations-per-minute=0",
        "--data-dir=" + directory));
    command.addAll(flags);
    Process started = new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    Matcher ready = PORT.matcher(line == null ? "" : line);
    if (!ready.matches()) {
      started.destroyForcibly();
      throw new IOException("not ready: " + line);
    }
    port = Integer.parseInt(ready.group(1));
    return started;
  }
}
