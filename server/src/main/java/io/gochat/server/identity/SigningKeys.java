package io.gochat.server.identity;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What signatures are checked with. Thread-safe; does not block. */
interface SigningKeys {
  /**
   * A verifier for each key that may have signed under this header: none when its algorithm is not one of ours, or no
   * key fits. Completes exceptionally with {@link java.util.concurrent.RejectedExecutionException} when the keys are not
   * known now.
   */
  CompletableFuture<List<JWSVerifier>> verifiers(JWSHeader header);
}
