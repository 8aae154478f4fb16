package io.gochat.server.simulation;

import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.AccountStore;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Accounts, sessions and acknowledged positions of a store, in memory. Confined to the simulation's thread. */
final class SimulatedUsers {
  private final StoreThreads threads;
  private final SimulatedLog log;
  private final Map<Long, Account> accounts = new LinkedHashMap<>();
  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private final Map<Long, Map<String, Long>> acknowledged = new HashMap<>();
  private int tokens;

  SimulatedUsers(StoreThreads threads, SimulatedLog log) {
    this.threads = threads;
    this.log = log;
  }

  /** A new user. */
  Account add(String name) {
    Account account = new Account(accounts.size() + 1L, name, "");
    accounts.put(account.userId(), account);
    return account;
  }

  /** A new session's token. */
  String signIn(Account account, long expiresAtMs) {
    String token = String.format("%043d", ++tokens);
    String id = sessionId(token);
    sessions.put(id, new Session(id, account.userId(), account.username(), expiresAtMs));
    return token;
  }

  static String sessionId(String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  boolean isKnown(String token) {
    return sessions.containsKey(sessionId(token));
  }

  AccountStore accounts() {
    return new Accounts();
  }

  SessionStore sessions() {
    return new Sessions();
  }

  PositionStore positions() {
    return new Positions();
  }

  private final class Accounts implements AccountStore {
    @Override
    public CompletableFuture<Optional<Account>> create(
        String username, String key, String passwordHash, @Nullable Origin origin) {
      throw new UnsupportedOperationException("nobody registers");
    }

    @Override
    public CompletableFuture<Boolean> replace(Account known, Account changed) {
      throw new UnsupportedOperationException("nobody changes");
    }

    @Override
    public CompletableFuture<Optional<Account>> findByKey(String key) {
      return threads.ask(
          "account by name",
          () -> accounts.values().stream()
              .filter(account -> account.username().equals(key))
              .findFirst());
    }

    @Override
    public CompletableFuture<Optional<Account>> findById(long userId) {
      return threads.ask("account", () -> Optional.ofNullable(accounts.get(userId)));
    }
  }

  private final class Sessions implements SessionStore {
    @Override
    public CompletableFuture<Void> save(Session session) {
      throw new UnsupportedOperationException("the schedule opens sessions by itself");
    }

    @Override
    public CompletableFuture<Optional<Session>> find(String sessionId) {
      return threads.ask("session", () -> Optional.ofNullable(sessions.get(sessionId)));
    }

    @Override
    public CompletableFuture<List<Session>> ofUser(long userId, int limit) {
      throw new UnsupportedOperationException("nobody lists sessions");
    }

    @Override
    public CompletableFuture<Boolean> delete(String sessionId) {
      return threads.ask("end of session", () -> sessions.remove(sessionId) != null);
    }

    @Override
    public CompletableFuture<Void> revoke(Session external) {
      throw new UnsupportedOperationException("there are none of elsewhere");
    }

    @Override
    public CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs) {
      return threads.ask("extension of session", () -> {
        Session known = sessions.get(sessionId);
        if (known != null) {
          sessions.put(
              sessionId, new Session(sessionId, known.userId(), known.username(), expiresAtMs));
        }
        return known != null;
      });
    }

    @Override
    public void onDeletedElsewhere(Consumer<String> sessionIds) {
      // there is one node
    }
  }

  private final class Positions implements PositionStore {
    @Override
    public CompletableFuture<Void> acknowledge(long userId, String deviceId, long epoch, long seq) {
      return threads
          .ask(
              "acknowledge",
              () -> acknowledged
                  .computeIfAbsent(userId, any -> new HashMap<>())
                  .merge(deviceId, seq, Math::max))
          .thenAccept(done -> {});
    }

    @Override
    public CompletableFuture<AcknowledgedPosition> acknowledged(long userId, String deviceId) {
      return threads.ask("acknowledged", () -> {
        Map<String, Long> ofUser = acknowledged.getOrDefault(userId, Map.of());
        long highest = ofUser.values().stream().mapToLong(seq -> seq).max().orElse(0);
        long seq = ofUser.getOrDefault(deviceId, highest);
        return seq == 0 ? AcknowledgedPosition.NONE : new AcknowledgedPosition(log.epoch(), seq);
      });
    }
  }
}
