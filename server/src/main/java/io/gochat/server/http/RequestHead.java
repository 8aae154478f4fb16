package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request says. Immutable.
 *
 * @param method as sent
 * @param endpoint of the path; null: the path is unknown
 * @param isHttp10 whether the peer speaks HTTP/1.0
 * @param keepAlive whether the peer wants to send another request
 * @param contentLength announced size of the body; -1: chunked, or none
 * @param expectsContinue whether the peer waits for {@code 100 Continue} before it sends the body
 * @param bearer the token in {@code Authorization}; null: there is none
 * @param forwardedFor {@code X-Forwarded-For}, all its lines joined; null: there is none
 * @param page what the files of the page want to know; null: none of them is asked for
 */
record RequestHead(
    HttpMethod method,
    @Nullable Endpoint endpoint,
    boolean isHttp10,
    boolean keepAlive,
    long contentLength,
    boolean expectsContinue,
    @Nullable String bearer,
    @Nullable String forwardedFor,
    @Nullable PageRequest page) {
  private static final String BEARER = "Bearer ";

  /**
   * Reads a head.
   *
   * @throws RequestRefusedException when it is not well-formed, or could be understood in two ways (RFC 9112, 6.3): the
   *     connection cannot be used any more
   */
  static RequestHead of(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      throw refused("not a well-formed HTTP request");
    }
    HttpVersion version = request.protocolVersion();
    boolean isHttp10 = version.equals(HttpVersion.HTTP_1_0);
    if (!isHttp10 && !version.equals(HttpVersion.HTTP_1_1)) {
      throw refused("neither HTTP/1.1 nor HTTP/1.0");
    }
    HttpHeaders headers = request.headers();
    checkHost(headers, isHttp10);
    checkTransferEncoding(headers, isHttp10);
    String path = path(request.uri());
    Endpoint endpoint = Endpoint.at(path);
    return new RequestHead(
        request.method(),
        endpoint,
        isHttp10,
        HttpUtil.isKeepAlive(request),
        HttpUtil.getContentLength(request, -1L),
        !isHttp10
            && HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(
                headers.get(HttpHeaderNames.EXPECT)),
        bearer(headers.get(HttpHeaderNames.AUTHORIZATION)),
        forwardedFor(headers),
        endpoint == Endpoint.PAGE ? PageRequest.of(path, headers) : null);
  }

  private static void checkHost(HttpHeaders headers, boolean isHttp10) {
    Iterator<? extends CharSequence> hosts =
        headers.valueCharSequenceIterator(HttpHeaderNames.HOST);
    if (!hosts.hasNext()) {
      if (isHttp10) {
        return;
      }
      throw refused("Host: missing");
    }
    hosts.next();
    if (hosts.hasNext()) {
      throw refused("Host: more than one");
    }
  }

  /** The decoder refuses it beside a length; here everything but plain {@code chunked} is. */
  private static void checkTransferEncoding(HttpHeaders headers, boolean isHttp10) {
    Iterator<? extends CharSequence> encodings =
        headers.valueCharSequenceIterator(HttpHeaderNames.TRANSFER_ENCODING);
    if (!encodings.hasNext()) {
      return;
    }
    boolean isChunked = HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.next());
    if (!isChunked || encodings.hasNext() || isHttp10) {
      throw refused("Transfer-Encoding: only chunked, once, and not in HTTP/1.0");
    }
    if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      throw refused("Content-Length beside Transfer-Encoding");
    }
  }

  /** Without query; of {@code http://host/path}, which a proxy may send, the path. */
  private static String path(String uri) {
    int start = 0;
    if (!uri.startsWith("/")) {
      int authority = uri.indexOf("://");
      if (authority < 0) {
        return uri; // "*", or nothing that we know
      }
      start = uri.indexOf('/', authority + 3);
      if (start < 0) {
        return "/";
      }
    }
    int query = uri.indexOf('?', start);
    return query < 0 ? uri.substring(start) : uri.substring(start, query);
  }

  private static @Nullable String bearer(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return null;
    }
    String token = authorization.substring(BEARER.length()).trim();
    return token.isEmpty() ? null : token;
  }

  private static @Nullable String forwardedFor(HttpHeaders headers) {
    String name = "X-Forwarded-For";
    return headers.contains(name) ? String.join(",", headers.getAll(name)) : null;
  }

  private static RequestRefusedException refused(String detail) {
    return new RequestRefusedException(ErrorKind.INVALID_ARGUMENT, detail);
  }
}
