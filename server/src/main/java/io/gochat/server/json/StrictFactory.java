package io.gochat.server.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;

/** Parsers that take no duplicate key at any depth, and have a bound for everything. Stateless. */
public final class StrictFactory {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_KEY_LENGTH = 256;

  private StrictFactory() {}

  /** For texts of at most {@code maxBytes}, which {@link StrictText} has looked at. */
  public static JsonFactory of(int maxBytes) {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        // Keys come from strangers: interning them would fill the JVM's table for good.
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNameLength(MAX_KEY_LENGTH)
            .maxStringLength(maxBytes)
            .maxDocumentLength(maxBytes)
            .build())
        .build();
  }

  /** What such a parser did not take, for people: its own message quotes the text, which may hold a password. */
  public static String problemOf(IOException failure) {
    return String.valueOf(failure.getMessage()).startsWith("Duplicate field")
        ? "a key is given twice"
        : "not valid JSON, or too deep";
  }
}
