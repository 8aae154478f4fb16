package io.gochat.server.embedded;

import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Logins;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Account.Status;
import io.gochat.server.account.AccountStore;
import java.io.ByteArrayInputStream;
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
  /** Name, password hash, key. */
  private static final byte FIRST_FORMAT = 1;

  /** With origin, status and logins in front of the key. */
  private static final byte STORED_FORMAT = 2;

  private final Committer committer;
  private final ReadThreads reads;

  EmbeddedAccounts(Committer committer, ReadThreads reads) {
    this.committer = committer;
    this.reads = reads;
  }

  @Override
  public CompletableFuture<Optional<Account>> create(
      String username, String key, String passwordHash, @Nullable Origin origin) {
    RowWrite<Optional<Account>> write = new RowWrite<>(
        commit -> create(commit.rows(), username, Keys.text(key), passwordHash, origin));
    committer.submit(write);
    return write.result();
  }

  private static Optional<Account> create(
      StagedRows rows, String username, byte[] key, String passwordHash, @Nullable Origin origin)
      throws RocksDBException {
    if (rows.get(Family.ACCOUNT_KEYS, key) != null) {
      return Optional.empty();
    }
    byte[] lastUserId = rows.get(Family.META, Meta.LAST_USER_ID.key());
    long userId = lastUserId == null ? 1 : Keys.toLong(lastUserId) + 1;
    Account account =
        new Account(userId, username, passwordHash, origin, Status.ACTIVE, Logins.ALL);
    rows.mustSync();
    rows.put(Family.META, Meta.LAST_USER_ID.key(), Keys.ofLong(userId));
    rows.put(Family.ACCOUNT_KEYS, key, Keys.ofLong(userId));
    rows.put(Family.ACCOUNTS, Keys.ofLong(userId), encode(account, key));
    return Optional.of(account);
  }

  @Override
  public CompletableFuture<Boolean> replace(Account known, Account changed) {
    RowWrite<Boolean> write = new RowWrite<>(commit -> {
      StagedRows rows = commit.rows();
      byte[] userId = Keys.ofLong(known.userId());
      byte[] value = rows.get(Family.ACCOUNTS, userId);
      if (value == null || !read(known.userId(), value).account().equals(known)) {
        return false;
      }
      rows.mustSync();
      rows.put(Family.ACCOUNTS, userId, encode(changed, key(value)));
      return true;
    });
    committer.submit(write);
    return write.result();
  }

  @Override
  public CompletableFuture<Optional<Account>> findByKey(String key) {
    return reads.lookUp(database -> {
      byte[] userId = database.get(Family.ACCOUNT_KEYS, Keys.text(key));
      return userId == null ? Optional.empty() : find(database, userId);
    });
  }

  @Override
  public CompletableFuture<Optional<Account>> findById(long userId) {
    return reads.lookUp(database -> find(database, Keys.ofLong(userId)));
  }

  private static Optional<Account> find(Database database, byte[] userId)
      throws RocksDBException, IOException {
    byte @Nullable [] value = database.get(Family.ACCOUNTS, userId);
    return value == null ? Optional.empty() : Optional.of(decode(Keys.toLong(userId), value));
  }

  /** The key is kept with the account too, so that a repair can rebuild the one family from the other. */
  @SuppressWarnings("EnumOrdinal") // stored: a new status only ever comes last
  private static byte[] encode(Account account, byte[] key) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Origin origin = account.origin();
      out.writeByte(STORED_FORMAT);
      out.writeUTF(account.username());
      out.writeUTF(account.passwordHash());
      out.writeBoolean(origin != null);
      if (origin != null) {
        out.writeUTF(origin.issuer());
        out.writeUTF(origin.subject());
      }
      out.writeByte(account.status().code());
      out.writeInt(account.logins().generation());
      out.writeUTF(account.logins().spared());
      out.writeLong(account.logins().tokensFromMs());
      out.write(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Account decode(long userId, byte[] value) throws IOException {
    try {
      return read(userId, value).account();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
  }

  /** The key under which a stored account is found by name. */
  static byte[] key(byte[] value) {
    return read(1, value).key();
  }

  @SuppressWarnings("EnumOrdinal")
  // Unchecked: what cannot be read any more fails the one write that asked.
  private static Stored read(long userId, byte[] value) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
      byte format = in.readByte();
      if (format != FIRST_FORMAT && format != STORED_FORMAT) {
        throw new IOException("account " + userId + " has an unknown format");
      }
      String username = in.readUTF();
      String passwordHash = in.readUTF();
      if (format == FIRST_FORMAT) {
        return new Stored(new Account(userId, username, passwordHash), in.readAllBytes());
      }
      Origin origin = in.readBoolean() ? new Origin(in.readUTF(), in.readUTF()) : null;
      Status status = Status.ofCode(in.readByte());
      Logins logins = new Logins(in.readInt(), in.readUTF(), in.readLong());
      return new Stored(
          new Account(userId, username, passwordHash, origin, status, logins), in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(Account account, byte[] key) {}
}
