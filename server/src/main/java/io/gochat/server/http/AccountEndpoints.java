package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account;
import io.gochat.server.account.Accounts;
import io.gochat.server.account.ChangeResult;
import io.gochat.server.account.LoginResult;
import io.gochat.server.account.RegisterResult;
import io.gochat.server.session.Session;
import io.gochat.server.session.Sessions;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;

/** Registration and login, and what users do with their own accounts. Thread-safe. */
final class AccountEndpoints {
  private static final int MAX_LISTED_SESSIONS = 1_000;

  private final Accounts accounts;
  private final Sessions sessions;

  AccountEndpoints(Accounts accounts, Sessions sessions) {
    this.accounts = accounts;
    this.sessions = sessions;
  }

  CompletableFuture<Reply> register(RequestFields fields, InetAddress client) {
    return accounts
        .register(fields.text(Field.USERNAME), fields.text(Field.PASSWORD), client)
        .thenApply(AccountEndpoints::registered);
  }

  private static Reply registered(RegisterResult result) {
    if (result instanceof RegisterResult.Registered) {
      return Reply.DONE;
    }
    if (result instanceof RegisterResult.Refused refused) {
      return HttpErrors.reply(
          Endpoint.REGISTER, refused.kind(), refused.detail(), refused.retryAfterMs());
    }
    return HttpErrors.reply(Endpoint.REGISTER, ErrorKind.NAME_TAKEN, "", 0);
  }

  CompletableFuture<Reply> login(RequestFields fields, InetAddress client) {
    return accounts
        .login(fields.text(Field.USERNAME), fields.text(Field.PASSWORD), client)
        .thenCompose(this::loggedIn);
  }

  private CompletableFuture<Reply> loggedIn(LoginResult result) {
    if (result instanceof LoginResult.LoggedIn loggedIn) {
      Account account = loggedIn.account();
      return sessions
          .open(account.userId(), account.username(), account.logins().generation())
          .thenApply(token ->
              Reply.secret(AnswerJson.loggedIn(account.userId(), account.username(), token)));
    }
    LoginResult.Refused refused = (LoginResult.Refused) result;
    // The contract's sentence is all that somebody who guesses may learn.
    String detail = refused.kind() == ErrorKind.BAD_CREDENTIALS ? "" : refused.detail();
    return CompletableFuture.completedFuture(
        HttpErrors.reply(Endpoint.LOGIN, refused.kind(), detail, refused.retryAfterMs()));
  }

  /** Another password; the caller's own session is the only one that is left. */
  CompletableFuture<Reply> changePassword(
      Session session, RequestFields fields, InetAddress client) {
    return accounts
        .changes()
        .changePassword(
            session.userId(),
            fields.text(Field.OLD_PASSWORD),
            fields.text(Field.NEW_PASSWORD),
            session.id(),
            client)
        .thenApply(result -> changed(Endpoint.CHANGE_PASSWORD, result));
  }

  /** Ends all logins, the caller's included. */
  CompletableFuture<Reply> logoutAll(Session session) {
    return accounts
        .changes()
        .endLogins(session.userId())
        .thenApply(result -> changed(Endpoint.LOGOUT_ALL, result));
  }

  /** Where the caller is signed in. */
  CompletableFuture<Reply> sessions(Session session) {
    return sessions
        .ofUser(session.userId(), MAX_LISTED_SESSIONS)
        .thenApply(found -> Reply.json(AnswerJson.sessions(found, session.id())));
  }

  /** The end of the caller's account. */
  CompletableFuture<Reply> delete(Session session, RequestFields fields, InetAddress client) {
    return accounts
        .changes()
        .deleteConfirmed(session.userId(), fields.text(Field.PASSWORD), client)
        .thenApply(result -> changed(Endpoint.DELETE_USER, result));
  }

  private static Reply changed(Endpoint endpoint, ChangeResult result) {
    if (result instanceof ChangeResult.Refused refused) {
      return HttpErrors.reply(endpoint, refused.kind(), refused.detail(), refused.retryAfterMs());
    }
    return Reply.DONE;
  }
}
