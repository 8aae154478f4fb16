package io.gochat.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Turns a reply into the bytes of one response, in one buffer: lines made beforehand, and the length. Thread-safe. */
final class ReplyWriter {
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] RETRY_AFTER = ascii("Retry-After: ");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] NO_SNIFF = ascii("X-Content-Type-Options: nosniff\r\n");
  private static final byte[] CRLF = ascii("\r\n");
  private static final int NUMBERS_AND_CONNECTION = 96;

  private final HttpDate date;

  ReplyWriter(HttpDate date) {
    this.date = date;
  }

  /** How the connection goes on after a response. */
  enum After {
    /** Another request may come; HTTP/1.1 takes that for granted. */
    NEXT,
    /** The same, said aloud to a peer that speaks HTTP/1.0. */
    NEXT_HTTP_1_0,
    /** It is the last. */
    CLOSE
  }

  /** The response, in a buffer that the caller releases; {@code head}: without the body, whose length it tells. */
  ByteBuf write(ByteBufAllocator allocator, Reply reply, boolean head, After after) {
    byte[] dateLine = date.line();
    byte[] body = reply.body();
    ByteBuf out = allocator.ioBuffer(reply.head().length
        + dateLine.length
        + NO_SNIFF.length
        + body.length
        + NUMBERS_AND_CONNECTION);
    out.writeBytes(reply.head()).writeBytes(dateLine).writeBytes(NO_SNIFF);
    if (reply.retryAfterS() > 0) {
      out.writeBytes(RETRY_AFTER);
      writeNumber(out, reply.retryAfterS());
    }
    if (after != After.NEXT) {
      out.writeBytes(after == After.CLOSE ? CLOSE : KEEP_ALIVE);
    }
    out.writeBytes(CONTENT_LENGTH);
    writeNumber(out, body.length);
    out.writeBytes(CRLF);
    if (!head && reply.status() != Status.NOT_MODIFIED) {
      out.writeBytes(body);
    }
    return out;
  }

  private static void writeNumber(ByteBuf out, int number) {
    ByteBufUtil.writeAscii(out, Integer.toString(number));
    out.writeBytes(CRLF);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
