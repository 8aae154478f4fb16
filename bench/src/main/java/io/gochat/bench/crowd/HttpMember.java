package io.gochat.bench.crowd;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** A connection with one request, or one after the other. Confined to its event loop. */
final class HttpMember extends CrowdConnection {
  private static final int LONGEST_HEAD = 16_384;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Crowd crowd;
  private final Supplier<byte[]> requests;
  private final boolean isRepeating;
  private final StringBuilder head = new StringBuilder();
  private boolean inBody;
  private long missing;
  private String status = "";

  /**
   * Says what {@code requests} gives.
   *
   * @param isRepeating the next one after each answer, and again after a lost connection
   */
  HttpMember(Crowd crowd, AnswerCounts answers, Supplier<byte[]> requests, boolean isRepeating) {
    super(answers);
    this.crowd = crowd;
    this.requests = requests;
    this.isRepeating = isRepeating;
  }

  /** A request with a JSON body of which the last {@code missing} bytes are kept back. */
  static byte[] request(String path, String json, int missing) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    byte[] start = ("POST " + path
            + " HTTP/1.1\r\nHost: crowd\r\nContent-Type: application/json\r\n" + "Content-Length: "
            + body.length + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[start.length + body.length - missing];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(body, 0, all, start.length, body.length - missing);
    return all;
  }

  @Override
  byte[] opening() {
    head.setLength(0);
    inBody = false;
    status = "";
    return requests.get();
  }

  @Override
  void received(ByteBuf in) {
    while (in.isReadable()) {
      if (inBody) {
        long taken = Math.min(missing, in.readableBytes());
        in.skipBytes((int) taken);
        missing -= taken;
      } else {
        head.append((char) in.readUnsignedByte());
        if (head.length() > LONGEST_HEAD) {
          throw new IllegalStateException("a head without an end");
        }
        if (endsHead()) {
          readHead();
        }
      }
      if (inBody && missing == 0) {
        answered();
      }
    }
  }

  private boolean endsHead() {
    int length = head.length();
    return head.charAt(length - 1) == '\n' && length > 3 && head.charAt(length - 3) == '\n';
  }

  private void readHead() {
    String text = head.toString();
    head.setLength(0);
    status = text.length() > 12 ? text.substring(9, 12) : text.strip();
    String word = "";
    missing = 0;
    for (String line : text.split("\r\n", -1)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        missing = Long.parseLong(lower.substring(15).strip());
      } else if (lower.startsWith("x-error-code:")) {
        word = " " + lower.substring(13).strip();
      }
    }
    status += word;
    inBody = true;
  }

  private void answered() {
    answers.add("HTTP " + status);
    inBody = false;
    boolean isRefusal = !status.startsWith("2");
    status = "";
    settle();
    if (!isRepeating) {
      return;
    }
    if (isRefusal) {
      crowd.later(PAUSE, this::again);
    } else {
      again();
    }
  }

  private void again() {
    if (!isLeaving()) {
      say(requests.get());
    }
  }

  @Override
  void ended() {
    if (isSettled() && !isRepeating) {
      return;
    }
    if (inBody || head.length() > 0) {
      answers.add(AnswerCounts.CUT_OFF);
    } else if (!heard()) {
      answers.add(AnswerCounts.SILENCE);
    }
    if (isRepeating) {
      crowd.later(PAUSE, () -> crowd.connect(this, () -> {}));
    } else {
      settle();
    }
  }
}
