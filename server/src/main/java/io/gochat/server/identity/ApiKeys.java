package io.gochat.server.identity;

import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Accounts;
import io.gochat.server.account.LoginResult;
import io.gochat.server.files.WatchedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs that may act, from a file that is read again when it changes. Thread-safe; {@link #load} and
 * {@link #reloadIfChanged} block and are called by one thread at a time.
 *
 * <p>Each key publishes as the account of its name, which is made when the key is first read. Nobody can register it or
 * log in to it, because it has no password and nobody issues tokens for it. A file with a mistake, or with the name of a
 * person, is refused as a whole, and the keys of before count on.
 */
public final class ApiKeys {
  /** No file, no keys. */
  public static final ApiKeys NONE = new ApiKeys(null, null);

  /** Who vouches for the accounts of keys; no token may name it as its issuer. */
  public static final String ISSUER = "gochat:api-key";

  private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final long STORE_SECONDS = 10;

  private final @Nullable WatchedFile file; // confined to whoever loads
  private final @Nullable Accounts accounts;
  private volatile Map<String, Service> byHash = Map.of();

  private ApiKeys(@Nullable WatchedFile file, @Nullable Accounts accounts) {
    this.file = file;
    this.accounts = accounts;
  }

  /** A key, and the account that it publishes as. */
  public record Service(ApiKey key, Account account) {}

  /** The file cannot be used; the message is a sentence for the operator. */
  public static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean isPassing;

    Unusable(String sentence) {
      this(sentence, false);
    }

    /** {@code isPassing}: the file may be right, and is to be read again. */
    Unusable(String sentence, boolean isPassing) {
      super(sentence);
      this.isPassing = isPassing;
    }
  }

  /** Reads the file, and makes the accounts of new names. */
  public static ApiKeys load(Path file, Accounts accounts) throws Unusable {
    WatchedFile watched = new WatchedFile(file);
    ApiKeys keys = new ApiKeys(watched, accounts);
    keys.read(watched, accounts);
    return keys;
  }

  /** Who shows this key; empty: it is none. */
  public Optional<Service> find(String key) {
    return byHash.isEmpty() ? Optional.empty() : Optional.ofNullable(byHash.get(ApiKey.hash(key)));
  }

  /** How many keys there are. */
  public int size() {
    return byHash.size();
  }

  /** Called every few seconds: a file that has changed is read again, and says so. */
  public void reloadIfChanged() {
    if (file == null || accounts == null) {
      return;
    }
    try {
      if (!file.hasChanged()) {
        return;
      }
      read(file, accounts);
      log.info("{} was read again: {} keys", file.path(), byHash.size());
    } catch (Unusable e) {
      if (e.isPassing) {
        file.forget(); // a key that was taken out must not stay because of that
      }
      log.warn("{} The keys of before count on.", e.getMessage());
    } catch (IOException e) {
      if (file.isNewlyGone()) {
        log.warn(
            "--api-keys={} cannot be read: {}. The keys of before count on.",
            file.path(),
            e.toString());
      }
    }
  }

  private void read(WatchedFile watched, Accounts owners) throws Unusable {
    Path from = watched.path();
    List<String> lines;
    try {
      if (watched.reading() > MAX_FILE_BYTES) {
        throw new Unusable("--api-keys=" + from + " is larger than a file of keys can be.");
      }
      lines = Files.readAllLines(from);
    } catch (IOException e) {
      throw new Unusable("--api-keys=" + from + " cannot be read: " + e + ".");
    }
    Map<String, Service> found = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (!line.isEmpty()) {
        ApiKey key = parse(from, i + 1, line);
        found.put(key.sha256(), new Service(key, claim(from, i + 1, key, owners)));
      }
    }
    byHash = Map.copyOf(found);
  }

  private static ApiKey parse(Path from, int number, String line) throws Unusable {
    try {
      return ApiKey.parse(line);
    } catch (IllegalArgumentException e) {
      throw new Unusable("--api-keys=" + from + ", line " + number + ": " + e.getMessage() + ".");
    }
  }

  private static Account claim(Path from, int number, ApiKey key, Accounts owners) throws Unusable {
    String where = "--api-keys=" + from + ", line " + number + ": ";
    try {
      LoginResult claimed = owners
          .vouchedFor(new Origin(ISSUER, key.name()), key.name())
          .get(STORE_SECONDS, TimeUnit.SECONDS);
      if (claimed instanceof LoginResult.LoggedIn service) {
        return service.account();
      }
      throw new Unusable(where + "the name " + key.name()
          + " cannot be one, or belongs to a person; give the key another.");
    } catch (ExecutionException | TimeoutException e) {
      throw new Unusable(where + "the store does not answer.", true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unusable(where + "interrupted.");
    }
  }
}
