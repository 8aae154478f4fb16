package io.gochat.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gochat.protocol.ErrorKind;
import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.Accounts;
import io.gochat.server.account.LoginResult;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.session.ExternalTokens;
import io.gochat.server.session.Session;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Tokens of one issuer (RFC 7519), signed. Thread-safe; nothing blocks: signatures are checked on threads of
 * their own, in a bounded queue, and futures complete there, on the store's threads, or on those that fetch keys.
 *
 * <p>Accepted is a token that is signed with a key of the issuer's by an algorithm of that key's kind, names issuer and
 * audience as asked for, has not expired by a single millisecond, and names a user that is its own. An account is made
 * at first sight and remembers issuer and exact subject.
 */
@SuppressWarnings("JavaUtilDate") // the library speaks it
public final class JwtTokens implements ExternalTokens, AutoCloseable {
  /** The longest token that is looked at. */
  public static final int MAX_CHARS = 8_192;

  private static final Set<JOSEObjectType> TYPES =
      Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"));
  private static final int THREADS = 2;
  private static final int QUEUE = 1_000;

  private final SigningKeys keys;
  private final JwtOptions options;
  private final Accounts accounts;
  private final InstantSource clock;
  private final MeterRegistry meters;
  private final ThreadPoolExecutor executor;

  JwtTokens(
      SigningKeys keys,
      JwtOptions options,
      Accounts accounts,
      InstantSource clock,
      MeterRegistry meters) {
    this.keys = keys;
    this.options = options;
    this.accounts = accounts;
    this.clock = clock;
    this.meters = meters;
    AtomicInteger number = new AtomicInteger();
    this.executor = new ThreadPoolExecutor(
        THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), task -> {
          Thread thread = new Thread(task, "gochat-jwt-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    executor.allowCoreThreadTimeOut(true);
    Gauge.builder("gochat.jwt.waiting", executor, e -> e.getQueue().size())
        .description("Tokens of other issuers that wait to be verified")
        .register(meters);
  }

  @Override
  public boolean mayBe(String token) {
    if (token.length() > MAX_CHARS || !token.startsWith("ey")) {
      return false;
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return first > 0 && second > first && token.indexOf('.', second + 1) < 0;
  }

  @Override
  public CompletableFuture<Optional<Session>> verify(String token, String sessionId) {
    CompletableFuture<CompletableFuture<Optional<JWTClaimsSet>>> begun;
    try {
      // All of it in there: what is composed behind it may run on the caller's thread.
      begun = CompletableFuture.supplyAsync(() -> verified(parsed(token)), executor);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e); // too many wait
    }
    return begun
        .thenCompose(verified -> verified)
        .thenCompose(claims -> claims.isEmpty() ? invalid() : session(claims.get(), sessionId));
  }

  /** What waits is refused. */
  @Override
  public void close() {
    executor.shutdownNow();
  }

  private static Optional<SignedJWT> parsed(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      JOSEObjectType type = jwt.getHeader().getType();
      return type == null || TYPES.contains(type) ? Optional.of(jwt) : Optional.empty();
    } catch (ParseException | RuntimeException | StackOverflowError e) {
      return Optional.empty(); // whatever a stranger makes of a parser
    }
  }

  private CompletableFuture<Optional<JWTClaimsSet>> verified(Optional<SignedJWT> parsed) {
    if (parsed.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    SignedJWT jwt = parsed.get();
    CompletableFuture<List<JWSVerifier>> found = keys.verifiers(jwt.getHeader());
    // Keys that must be fetched come on another thread; signatures are checked on ours, and at once
    // where nothing must be fetched.
    return found.isDone()
        ? found.thenApply(verifiers -> claims(jwt, verifiers))
        : found.thenApplyAsync(verifiers -> claims(jwt, verifiers), executor);
  }

  private static Optional<JWTClaimsSet> claims(SignedJWT jwt, List<JWSVerifier> verifiers) {
    try {
      for (JWSVerifier verifier : verifiers) {
        if (jwt.verify(verifier)) {
          return Optional.of(jwt.getJWTClaimsSet());
        }
      }
      return Optional.empty();
    } catch (JOSEException | ParseException | RuntimeException | StackOverflowError e) {
      return Optional.empty();
    }
  }

  private CompletableFuture<Optional<Session>> session(JWTClaimsSet claims, String sessionId) {
    long nowMs = clock.millis();
    Date expires = claims.getExpirationTime();
    Date notBefore = claims.getNotBeforeTime();
    Date issued = claims.getIssueTime();
    boolean counts = expires != null
        && nowMs < expires.getTime()
        && (notBefore == null || nowMs >= notBefore.getTime())
        && options.issuer().map(issuer -> issuer.equals(claims.getIssuer())).orElse(true)
        && options.audience().map(claims.getAudience()::contains).orElse(true);
    if (!counts || ApiKeys.ISSUER.equals(claims.getIssuer())) {
      return invalid();
    }
    String subject = claims.getSubject();
    String username = username(claims);
    if (subject == null || subject.isEmpty() || username == null) {
      return refused("the token names no " + (username == null ? options.usernameClaim() : "sub"));
    }
    String issuer = claims.getIssuer() == null ? "" : claims.getIssuer();
    long issuedAtMs = issued == null ? 0 : issued.getTime();
    return accounts.vouchedFor(new Origin(issuer, subject), username).thenCompose(result -> {
      if (result instanceof LoginResult.Refused refused) {
        return refused(refused.detail());
      }
      Account account = ((LoginResult.LoggedIn) result).account();
      count("ok");
      return CompletableFuture.completedFuture(Optional.of(new Session(
          sessionId,
          account.userId(),
          account.username(),
          expires.getTime(),
          issuedAtMs,
          account.logins().generation())));
    });
  }

  private @Nullable String username(JWTClaimsSet claims) {
    return claims.getClaim(options.usernameClaim()) instanceof String name ? name : null;
  }

  private CompletableFuture<Optional<Session>> invalid() {
    count("invalid");
    return CompletableFuture.completedFuture(Optional.empty());
  }

  private CompletableFuture<Optional<Session>> refused(String sentence) {
    count("refused");
    return CompletableFuture.failedFuture(new RefusedException(ErrorKind.TOKEN_INVALID, sentence));
  }

  private void count(String result) {
    Counter.builder("gochat.jwt.tokens")
        .description("Tokens of other issuers that were looked at, by what came of it")
        .tag("result", result)
        .register(meters)
        .increment();
  }
}
