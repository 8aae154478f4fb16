package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An answer, before it is known how its connection goes on. Immutable by agreement: nobody writes to its arrays. */
final class Reply {
  /** Date, connection, length, and what else is added when it is written. */
  private static final int ADDED_BYTES = 256;

  private static final String ANY_ORIGIN = "Access-Control-Allow-Origin: *\r\n";
  private static final String JSON_TYPE = "Content-Type: application/json; charset=utf-8\r\n";
  private static final byte[] SECRET_HEAD =
      ascii(Status.OK.line() + JSON_TYPE + ANY_ORIGIN + "Cache-Control: no-store\r\n");
  private static final byte[] JSON_HEAD = ascii(Status.OK.line() + JSON_TYPE + ANY_ORIGIN);

  /** What most calls answer. */
  static final Reply DONE = json(ascii("{\"code\":200}"));

  private final Status status;
  private final byte[] head;
  private final int retryAfterS;
  private final byte[] body;
  private final @Nullable ErrorKind error;

  /**
   * Takes over the arrays.
   *
   * @param head the status line and header lines, each with its CRLF: all but connection, date and length
   * @param retryAfterS for {@code Retry-After}, in seconds; 0: not sent
   * @param error why it failed; null on success
   */
  Reply(Status status, byte[] head, int retryAfterS, byte[] body, @Nullable ErrorKind error) {
    this.status = status;
    this.head = head;
    this.retryAfterS = retryAfterS;
    this.body = body;
    this.error = error;
  }

  /** A success with a JSON body. */
  static Reply json(byte[] body) {
    return new Reply(Status.OK, JSON_HEAD, 0, body, null);
  }

  /** A success for operators: no other origin may read it. */
  static Reply text(String type, String body) {
    byte[] head = ascii(Status.OK.line() + "Content-Type: " + type + "\r\n");
    return new Reply(Status.OK, head, 0, body.getBytes(StandardCharsets.UTF_8), null);
  }

  /** A success with a JSON body that holds a secret: nobody on its way may keep it. */
  static Reply secret(byte[] body) {
    return new Reply(Status.OK, SECRET_HEAD, 0, body, null);
  }

  /**
   * The answer to a preflight request, on any path: whatever headers a script wants to send are welcome.
   *
   * @param headers what it asked for, well-formed; null: it did not
   * @param privateNetwork whether it asks from a public site for one in a private network
   */
  static Reply preflight(@Nullable String headers, boolean privateNetwork) {
    String allowed = headers == null ? "Content-Type, Authorization" : headers;
    return empty(ANY_ORIGIN
        + "Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS\r\n"
        + "Access-Control-Allow-Headers: " + allowed + "\r\n"
        + (privateNetwork ? "Access-Control-Allow-Private-Network: true\r\n" : "")
        + "Access-Control-Max-Age: 86400\r\n"
        + "Vary: Access-Control-Request-Headers, Access-Control-Request-Private-Network\r\n");
  }

  /** A success with a JSON body that no script of another origin may read, and nobody keeps. */
  static Reply privateJson(byte[] body) {
    byte[] head = ascii(Status.OK.line() + JSON_TYPE
        + "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
    return new Reply(Status.OK, head, 0, body, null);
  }

  /** A success without a body. */
  static Reply empty(String headers) {
    return new Reply(Status.OK, ascii(Status.OK.line() + headers), 0, new byte[0], null);
  }

  /** The head of a failure; {@code crossOrigin}: scripts of any origin may read it. */
  static byte[] errorHead(ErrorKind kind, boolean crossOrigin, String more) {
    Status status = Status.of(kind);
    String scheme = status == Status.UNAUTHORIZED ? "WWW-Authenticate: Bearer\r\n" : "";
    String expose = "Access-Control-Expose-Headers: X-Error-Code, Retry-After\r\n";
    String origin = crossOrigin ? ANY_ORIGIN + expose : "";
    return ascii(status.line() + JSON_TYPE + origin + scheme + "X-Error-Code: " + kind.word()
        + "\r\n" + more);
  }

  /** The same, for scripts of this origin alone; null: of none. */
  Reply onlyFor(@Nullable String origin) {
    String lines = new String(head, StandardCharsets.US_ASCII);
    String only = origin == null ? "" : "Access-Control-Allow-Origin: " + origin + "\r\n";
    return new Reply(
        status,
        ascii(lines.replace(ANY_ORIGIN, only + "Vary: Origin\r\n")),
        retryAfterS,
        body,
        error);
  }

  /** The HTTP status. */
  Status status() {
    return status;
  }

  /** The status line, and the header lines that are known beforehand, each with its CRLF. */
  byte[] head() {
    return head;
  }

  /** For {@code Retry-After}, in seconds; 0: not sent. */
  int retryAfterS() {
    return retryAfterS;
  }

  /** As it goes out. */
  byte[] body() {
    return body;
  }

  /** How many bytes it takes at most, with the lines that are added when it is written. */
  int size() {
    return head.length + body.length + ADDED_BYTES;
  }

  /** Why it failed; null on success. */
  @Nullable
  ErrorKind error() {
    return error;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
