package io.gochat.server.redis;

import java.io.IOException;

/** The store refuses to open; the message is a whole sentence for the operator, with the way out. */
public final class RedisOpenException extends IOException {
  private static final long serialVersionUID = 1;

  RedisOpenException(String sentence) {
    super(sentence);
  }

  RedisOpenException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
