package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.net.Refusal;
import io.gochat.server.net.RefusalAnswers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The answer to text that is no request: what speaks text is told in HTTP, which a person can read whatever was meant.
 * Thread-safe.
 */
final class TextAnswers implements RefusalAnswers {
  /** Enough to tell, and all that is ever held of what nobody knows. */
  private static final int LOOKED_AT_BYTES = 16;

  private final ReplyWriter writer;

  TextAnswers(ReplyWriter writer) {
    this.writer = writer;
  }

  @Override
  public @Nullable ByteBuf answer(Refusal reason, ByteBuf head, ByteBufAllocator allocator) {
    if (!isText(head)) {
      return null;
    }
    Reply reply = switch (reason) {
      case UNKNOWN_PROTOCOL -> HttpErrors.reply(ErrorKind.INVALID_ARGUMENT, detail(head));
      case PROXY_UNTRUSTED ->
        HttpErrors.reply(
            ErrorKind.INVALID_ARGUMENT, "a PROXY header is taken from trusted proxies only");
      case DEADLINE -> HttpErrors.reply(ErrorKind.REQUEST_TIMEOUT, "");
      default -> null;
    };
    return reply == null ? null : writer.write(allocator, reply, false, ReplyWriter.After.CLOSE);
  }

  private static String detail(ByteBuf head) {
    int length = Math.min(head.readableBytes(), LOOKED_AT_BYTES);
    String start = head.toString(head.readerIndex(), length, StandardCharsets.US_ASCII);
    if (start.startsWith("PRI")) {
      return "HTTP/2 is not spoken here, HTTP/1.1 is";
    }
    return start.matches("[A-Za-z]+ /.*") ? "unknown method" : "not an HTTP request";
  }

  private static boolean isText(ByteBuf head) {
    int length = Math.min(head.readableBytes(), LOOKED_AT_BYTES);
    for (int i = 0; i < length; i++) {
      int b = head.getByte(head.readerIndex() + i);
      if ((b < ' ' || b == 0x7F) && b != '\r' && b != '\n' && b != '\t') {
        return false;
      }
    }
    return length > 0;
  }
}
