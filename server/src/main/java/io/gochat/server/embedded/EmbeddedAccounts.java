package io.gochat.server.embedded;

import io.gochat.server.account.Account;
import io.gochat.server.account.AccountStore;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Accounts in RocksDB. Thread-safe. */
final class EmbeddedAccounts implements AccountStore {
  private static final byte STORED_FORMAT = 1;

  private final Committer committer;
  private final ReadThreads reads;

  EmbeddedAccounts(Committer committer, ReadThreads reads) {
    this.committer = committer;
    this.reads = reads;
  }

  @Override
  public CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash) {
    RowWrite<Optional<Account>> write =
        new RowWrite<>(commit -> create(commit, username, Keys.text(key), passwordHash));
    committer.submit(write);
    return write.result();
  }

  private static Optional<Account> create(
      Commit commit, String username, byte[] key, String passwordHash) throws RocksDBException {
    if (commit.get(Family.ACCOUNT_KEYS, key) != null) {
      return Optional.empty();
    }
    byte[] lastUserId = commit.get(Family.META, Meta.LAST_USER_ID.key());
    long userId = lastUserId == null ? 1 : Keys.toLong(lastUserId) + 1;
    Account account = new Account(userId, username, passwordHash);
    commit.mustSync();
    commit.put(Family.META, Meta.LAST_USER_ID.key(), Keys.ofLong(userId));
    commit.put(Family.ACCOUNT_KEYS, key, Keys.ofLong(userId));
    commit.put(Family.ACCOUNTS, Keys.ofLong(userId), encode(account, key));
    return Optional.of(account);
  }

  @Override
  public CompletableFuture<Optional<Account>> findByKey(String key) {
    return reads.submit(database -> {
      byte[] userId = database.get(Family.ACCOUNT_KEYS, Keys.text(key));
      return userId == null ? Optional.empty() : find(database, userId);
    });
  }

  @Override
  public CompletableFuture<Optional<Account>> findById(long userId) {
    return reads.submit(database -> find(database, Keys.ofLong(userId)));
  }

  private static Optional<Account> find(Database database, byte[] userId)
      throws RocksDBException, IOException {
    byte @Nullable [] value = database.get(Family.ACCOUNTS, userId);
    return value == null ? Optional.empty() : Optional.of(decode(Keys.toLong(userId), value));
  }

  /** The key is kept with the account too, so that a repair can rebuild the one family from the other. */
  private static byte[] encode(Account account, byte[] key) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(STORED_FORMAT);
      out.writeUTF(account.username());
      out.writeUTF(account.passwordHash());
      out.write(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Account decode(long userId, byte[] value) throws IOException {
    try (DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(value))) {
      if (in.readByte() != STORED_FORMAT) {
        throw new IOException("account " + userId + " has an unknown format");
      }
      return new Account(userId, in.readUTF(), in.readUTF());
    }
  }

  /** The key under which a stored account is found by name. */
  static byte[] key(byte[] value) throws IOException {
    try (DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(value))) {
      in.readByte();
      in.readUTF();
      in.readUTF();
      return in.readAllBytes();
    }
  }
}
