package io.gochat.protocol;

import org.jspecify.annotations.NullMarked;

/** The bounds that both ends of the frame channel and the HTTP API share. Immutable. */
@NullMarked
public final class Limits {
  /** The largest id or sequence: every language, and JSON, can carry it exactly. */
  public static final long MAX_ID = (1L << 53) - 1;

  /** Default inbound bound on a frame's payload, in bytes; {@code Welcome.max_frame_bytes} says the real one. */
  public static final int DEFAULT_MAX_FRAME_BYTES = 65_536;

  /** Bound on the payload of a frame from the server, in bytes. */
  public static final int MAX_OUTBOUND_FRAME_BYTES = 1_048_576;

  /** Default bound on a message's text, in bytes of UTF-8. */
  public static final int DEFAULT_MAX_TEXT_BYTES = 16_384;

  /** Longest {@code client_message_id}, in Unicode code points. */
  public static final int MAX_CLIENT_MESSAGE_ID_CHARS = 64;

  /** Longest {@code device_id}, in Unicode code points. */
  public static final int MAX_DEVICE_ID_CHARS = 64;

  /** Most messages in one {@code Fetch} or {@code /push/history}. */
  public static final int MAX_FETCH = 100;

  /** Most members listed in a room's info; the count beside them stays exact. */
  public static final int MAX_LISTED_MEMBERS = 1_000;

  private Limits() {}

  /** Whether {@code id} is a present id or sequence: 1 … 2^53-1. */
  public static boolean isId(long id) {
    return id > 0 && id <= MAX_ID;
  }
}
