package io.gochat.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** What machines read about this API: {@code /openapi.json}, as it lies in the jar. Stateless. */
final class OpenApi {
  /** The document. */
  static final Reply REPLY = Reply.json(load());

  private OpenApi() {}

  private static byte[] load() {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("missing from the jar: openapi.json");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
