package io.gochat.server.identity;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import io.gochat.server.identity.KeySource.Fetched;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer, fetched from where it publishes them and remembered. Thread-safe; nothing blocks.
 *
 * <p>A known key is used at once, whatever becomes of the source: keys outlive an outage. They are fetched again after
 * five minutes of use, beside the tokens that are being verified, and when a token names a key that is not known, which
 * then waits for it: at most every 30 seconds, so that made-up names cost nobody anything.
 */
final class Jwks implements SigningKeys {
  private static final Logger log = LoggerFactory.getLogger(Jwks.class);
  static final Duration BETWEEN_FETCHES = Duration.ofSeconds(30);
  static final Duration FRESH = Duration.ofMinutes(5);

  private final KeySource source;
  private final LongSupplier monotonicMs;
  private volatile PublicKeys keys = PublicKeys.NONE;
  private @Nullable CompletableFuture<Void> underWay; // guarded by this
  private boolean hasFetched; // guarded by this
  private long fetchedAtMs; // guarded by this
  private boolean failing; // guarded by this

  Jwks(KeySource source, LongSupplier monotonicMs) {
    this.source = source;
    this.monotonicMs = monotonicMs;
  }

  @Override
  public CompletableFuture<List<JWSVerifier>> verifiers(JWSHeader header) {
    if (!PublicKeys.isSupported(header.getAlgorithm())) {
      return CompletableFuture.completedFuture(List.of());
    }
    PublicKeys known = keys;
    if (known != PublicKeys.NONE && known.knows(header)) {
      begin(FRESH);
      return CompletableFuture.completedFuture(known.verifiers(header));
    }
    return begin(BETWEEN_FETCHES).thenApply(done -> {
      if (keys == PublicKeys.NONE) {
        throw new RejectedExecutionException("the keys of the tokens' issuer cannot be fetched");
      }
      return keys.verifiers(header);
    });
  }

  /** Fetches before the first token comes. */
  void fetchAhead() {
    begin(BETWEEN_FETCHES);
  }

  /** Fetches what is older: what is under way or was due; done already when there is none. Never completes exceptionally. */
  private CompletableFuture<Void> begin(Duration age) {
    CompletableFuture<Void> fetch;
    synchronized (this) {
      if (underWay != null) {
        return underWay;
      }
      long nowMs = monotonicMs.getAsLong();
      if (hasFetched && nowMs - fetchedAtMs < age.toMillis()) {
        return CompletableFuture.completedFuture(null);
      }
      hasFetched = true;
      fetchedAtMs = nowMs;
      fetch = new CompletableFuture<>();
      underWay = fetch;
    }
    source.fetch().whenComplete((fetched, failure) -> {
      settle(fetched, failure);
      fetch.complete(null);
    });
    return fetch;
  }

  private void settle(@Nullable Fetched fetched, @Nullable Throwable failure) {
    String problem = failure == null ? null : String.valueOf(failure.getMessage());
    PublicKeys found = null;
    if (fetched != null) {
      try {
        found = PublicKeys.parse(fetched.json());
      } catch (ParseException e) {
        problem = "not a JWK set: " + e.getMessage();
      }
    }
    synchronized (this) {
      underWay = null;
      if (found != null) {
        keys = found;
        if (failing) {
          log.info("the keys of {} are known again", source.name());
        }
      } else if (!failing) {
        log.warn(
            "the keys of {} cannot be had: {}; {}",
            source.name(),
            problem,
            keys == PublicKeys.NONE ? "no token can be verified" : "those of before count on");
      }
      failing = found == null;
    }
  }
}
