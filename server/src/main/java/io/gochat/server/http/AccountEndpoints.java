package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account;
import io.gochat.server.account.Accounts;
import io.gochat.server.account.LoginResult;
import io.gochat.server.account.RegisterResult;
import io.gochat.server.session.Sessions;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;

/** Registration and login. Thread-safe. */
final class AccountEndpoints {
  private final Accounts accounts;
  private final Sessions sessions;

  AccountEndpoints(Accounts accounts, Sessions sessions) {
    this.accounts = accounts;
    this.sessions = sessions;
  }

  CompletableFuture<Reply> register(RequestBody body, InetAddress client) {
    return accounts
        .register(body.text(Field.USERNAME), body.text(Field.PASSWORD), client)
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

  CompletableFuture<Reply> login(RequestBody body, InetAddress client) {
    return accounts
        .login(body.text(Field.USERNAME), body.text(Field.PASSWORD), client)
        .thenCompose(this::loggedIn);
  }

  private CompletableFuture<Reply> loggedIn(LoginResult result) {
    if (result instanceof LoginResult.LoggedIn loggedIn) {
      Account account = loggedIn.account();
      return sessions
          .open(account.userId(), account.username())
          .thenApply(
              token -> Reply.json(JsonBody.loggedIn(account.userId(), account.username(), token)));
    }
    LoginResult.Refused refused = (LoginResult.Refused) result;
    // The contract's sentence is all that somebody who guesses may learn.
    String detail = refused.kind() == ErrorKind.BAD_CREDENTIALS ? "" : refused.detail();
    return CompletableFuture.completedFuture(
        HttpErrors.reply(Endpoint.LOGIN, refused.kind(), detail, refused.retryAfterMs()));
  }
}
