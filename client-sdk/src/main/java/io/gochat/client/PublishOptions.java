package io.gochat.client;

import java.time.Duration;
import java.util.Optional;

/** How one publish is made, where it differs from the others. Immutable. */
public final class PublishOptions {
  /** As the client's options say. */
  public static final PublishOptions DEFAULT =
      new PublishOptions(Optional.empty(), Optional.empty());

  private final Optional<String> clientMessageId;
  private final Optional<Duration> expiry;

  private PublishOptions(Optional<String> clientMessageId, Optional<Duration> expiry) {
    this.clientMessageId = clientMessageId;
    this.expiry = expiry;
  }

  /** The same under the caller's own id, of 1 to 64 characters. */
  public PublishOptions withClientMessageId(String id) {
    return new PublishOptions(Optional.of(id), expiry);
  }

  /** The same, tried for so long. */
  public PublishOptions withExpiry(Duration tried) {
    if (tried.isNegative() || tried.isZero()) {
      throw new IllegalArgumentException("publish expiry must be positive");
    }
    return new PublishOptions(clientMessageId, Optional.of(tried));
  }

  Optional<String> clientMessageId() {
    return clientMessageId;
  }

  Optional<Duration> expiry() {
    return expiry;
  }
}
