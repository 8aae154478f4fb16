package io.gochat.bench.load;

import io.gochat.bench.api.HttpLink;
import io.gochat.bench.api.HttpLink.Answer;
import io.gochat.bench.common.Json;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of the load generator: registered once, kept with their tokens in a small file, and used again. A wiped
 * server is noticed (the token is refused, then the name is unknown) and gets the same names once more. Not thread-safe.
 */
final class UserPool {
  private static final int PARALLEL = 4;
  private static final int MAX_ATTEMPTS = 5;
  private static final int MAX_WAIT_SECONDS = 60;

  private final Path file;
  private final ServerAddress target;
  private final Map<String, @Nullable Object> content;

  /**
   * An account that is signed in.
   *
   * @param id the server's
   */
  record User(String name, long id, String token) {}

  private UserPool(Path file, ServerAddress target, Map<String, @Nullable Object> content) {
    this.file = file;
    this.target = target;
    this.content = content;
  }

  /** Reads the file, or begins a new one. */
  static UserPool open(Path file, ServerAddress target) throws IOException {
    Map<String, @Nullable Object> content = Json.object();
    if (Files.exists(file)) {
      content = Json.readObject(Files.readString(file));
    }
    SecureRandom random = new SecureRandom();
    content.putIfAbsent("prefix", "load-" + Integer.toString(random.nextInt(1 << 24), 36));
    content.putIfAbsent("password", Long.toString(random.nextLong() >>> 1, 36));
    content.putIfAbsent("room_base", (long) random.nextInt(1 << 30) << 16);
    return new UserPool(file, target, content);
  }

  /** Room numbers of this pool start here: the same ones every time, and hardly anybody else's. */
  long roomBase() {
    return (long) Json.number(content, "room_base");
  }

  /** The password of all accounts. */
  String password() {
    return String.valueOf(content.get("password"));
  }

  /** The first {@code count} accounts, each with a token that the server takes; stores what was new. */
  List<User> signedIn(int count) throws IOException {
    Map<String, @Nullable Object> servers = Json.asObject(content.get("servers"));
    List<@Nullable Object> known = Json.asList(servers.get(target.text()));
    List<User> users = new ArrayList<>();
    ExecutorService executor = Executors.newFixedThreadPool(PARALLEL);
    try {
      List<Future<User>> pending = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Map<String, @Nullable Object> stored =
            i < known.size() ? Json.asObject(known.get(i)) : Json.object();
        int index = i;
        Callable<User> task = () -> signIn(index, stored);
        pending.add(executor.submit(task));
      }
      for (Future<User> future : pending) {
        users.add(future.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new LoadFailure(
          "no accounts on " + target.text() + ": " + String.valueOf(e.getCause()), e);
    } finally {
      executor.shutdownNow();
    }
    store(servers, known, users);
    return users;
  }

  private User signIn(int index, Map<String, @Nullable Object> stored)
      throws IOException, InterruptedException {
    String name = content.get("prefix") + "-" + index;
    try (HttpLink link = target.link(target.source(index, 200))) {
      if (stored.get("token") instanceof String token) {
        Map<String, @Nullable Object> check = Json.object();
        check.put("token", token);
        if (patiently(link, "/user/checkAuth", check).status() == 200) {
          return new User(name, (long) Json.number(stored, "user_id"), token);
        }
      }
      Answer login = login(link, name);
      return new User(
          name,
          (long) Json.number(login.json(), "user_id"),
          String.valueOf(login.json().get("token")));
    }
  }

  /** The answer to a login that succeeded, of who was registered for it if need be. */
  private Answer login(HttpLink link, String name) throws IOException, InterruptedException {
    Map<String, @Nullable Object> credentials = Json.object();
    credentials.put("username", name);
    credentials.put("password", password());
    Answer login = patiently(link, "/user/login", credentials);
    if (login.status() == 401) {
      Answer registration = patiently(link, "/user/register", credentials);
      if (registration.status() != 200) {
        throw new LoadFailure("cannot register " + name + ": " + registration.body()
            + Refusals.flagsOfSigningIn(registration.status(), "register"));
      }
      login = patiently(link, "/user/login", credentials);
    }
    if (login.status() != 200) {
      throw new LoadFailure("cannot log in " + name + ": " + login.body()
          + Refusals.flagsOfSigningIn(login.status(), "login"));
    }
    return login;
  }

  /** Limits and overload are no failures while one sets up: waits as the server says. */
  private static Answer patiently(HttpLink link, String path, Map<String, @Nullable Object> body)
      throws IOException, InterruptedException {
    Answer answer = link.post(path, body);
    for (int i = 0; i < MAX_ATTEMPTS && (answer.status() == 429 || answer.status() == 503); i++) {
      TimeUnit.SECONDS.sleep(Math.min(MAX_WAIT_SECONDS, Math.max(1, answer.retryAfterSeconds())));
      answer = link.post(path, body);
    }
    return answer;
  }

  private void store(
      Map<String, @Nullable Object> servers, List<@Nullable Object> known, List<User> users)
      throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    for (User user : users) {
      Map<String, @Nullable Object> entry = Json.object();
      entry.put("name", user.name());
      entry.put("user_id", user.id());
      entry.put("token", user.token());
      list.add(entry);
    }
    if (known.size() > users.size()) {
      list.addAll(known.subList(users.size(), known.size()));
    }
    servers.put(target.text(), list);
    content.put("servers", servers);
    replaceFile();
  }

  private void replaceFile() throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("no directory: " + file);
    }
    Files.createDirectories(directory);
    // Tokens: nobody else's to read.
    Path fresh = Files.createTempFile(
        directory,
        "users",
        ".tmp",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, Json.text(content));
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
