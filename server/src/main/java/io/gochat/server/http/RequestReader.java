package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** Puts one request together from what the decoder gives, within the bound. Confined to the connection's event loop. */
final class RequestReader {
  private final BodyBuffer body;
  private @Nullable RequestHead head;
  private boolean continueDue;

  RequestReader(BodyBuffer body) {
    this.body = body;
  }

  /**
   * Takes the next part; the caller releases it.
   *
   * @return the head, when the request is complete; null: there is more to come
   * @throws RefusedException when the request is malformed or too large: the connection is of no more use
   */
  @Nullable
  RequestHead read(Object part) {
    if (part instanceof HttpRequest request) {
      readHead(request);
    }
    if (part instanceof HttpContent content) {
      readBody(content);
      return content instanceof LastHttpContent ? head : null;
    }
    return null;
  }

  private void readHead(HttpRequest request) {
    RequestHead read = RequestHead.of(request);
    head = read;
    body.expect(read.contentLength());
    continueDue = read.expectsContinue();
  }

  private void readBody(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      throw new RefusedException(ErrorKind.INVALID_ARGUMENT, "the body is not well-formed");
    }
    body.append(content.content());
  }

  /** Whether the peer waits to be told to go on; it is told once. */
  boolean takeContinue() {
    boolean due = continueDue;
    continueDue = false;
    return due;
  }

  /** The head of the request that is being read; null: it has not come yet. */
  @Nullable
  RequestHead head() {
    return head;
  }

  /** The body so far; {@link #bodyLength()} of its bytes count. Given away: nothing more is written to it. */
  byte[] body() {
    return body.bytes();
  }

  /** How many bytes of the body have come. */
  int bodyLength() {
    return body.length();
  }

  /** Ready for the next request; holds nothing of this one. */
  void clear() {
    head = null;
    continueDue = false;
    body.clear();
  }
}
