package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import java.util.regex.Pattern;
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
 * @param target path and query, as sent
 * @param page what the files of the page want to know; null: none of them is asked for
 * @param forwardedFor {@code X-Forwarded-For}, all its lines joined, or what {@code Forwarded} says in the same form;
 *     null: there is neither
 * @param origin of the web site whose script asks; null: it does not say
 * @param preflight what a script asks leave for
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
    @Nullable String origin,
    String target,
    @Nullable PageRequest page,
    Preflight preflight) {
  /**
   * What a script asks leave for. Immutable.
   *
   * @param headers that it wants to send; null: it does not say, or not well
   * @param privateNetwork whether it wants to get from a public site into a private network
   */
  record Preflight(@Nullable String headers, boolean privateNetwork) {
    private static final Preflight NONE = new Preflight(null, false);
    private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}");

    static Preflight of(HttpRequest request) {
      if (!request.method().equals(HttpMethod.OPTIONS)) {
        return NONE;
      }
      String names = request.headers().get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
      boolean isWell = names != null && NAMES.matcher(names).matches();
      return new Preflight(
          isWell ? names : null,
          "true".equals(request.headers().get("Access-Control-Request-Private-Network")));
    }
  }

  private static final String BEARER = "Bearer ";

  /**
   * Reads a head.
   *
   * @throws RefusedException when it is not well-formed, or could be understood in two ways (RFC 9112, 6.3): the
   *     connection cannot be used any more
   */
  static RequestHead of(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      throw undecodable(request.decoderResult().cause());
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
    checkContentEncoding(headers);
    return new RequestHead(
        request.method(),
        endpoint,
        isHttp10,
        HttpUtil.isKeepAlive(request),
        HttpUtil.getContentLength(request, -1L),
        !isHttp10 && asksToContinue(headers),
        bearer(headers.get(HttpHeaderNames.AUTHORIZATION)),
        forwardedFor(headers),
        headers.get(HttpHeaderNames.ORIGIN),
        request.uri(),
        endpoint == Endpoint.PAGE ? PageRequest.of(path, headers) : null,
        Preflight.of(request));
  }

  private static boolean asksToContinue(HttpHeaders headers) {
    return HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(headers.get(HttpHeaderNames.EXPECT));
  }

  private static RefusedException undecodable(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new RefusedException(ErrorKind.URI_TOO_LONG, "");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new RefusedException(ErrorKind.HEADERS_TOO_LARGE, "");
    }
    return refused("not a well-formed HTTP request");
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

  /** A compressed body would be called malformed JSON, which helps nobody. */
  private static void checkContentEncoding(HttpHeaders headers) {
    String encoding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
    if (encoding != null && !HttpHeaderValues.IDENTITY.contentEqualsIgnoreCase(encoding)) {
      throw refused("Content-Encoding: bodies are not compressed here");
    }
  }

  /** Without query; of {@code http://host/path}, which a proxy may send, the path. */
  static String path(String uri) {
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

  static @Nullable String forwardedFor(HttpHeaders headers) {
    String name = "X-Forwarded-For";
    if (headers.contains(name)) {
      return String.join(",", headers.getAll(name));
    }
    if (headers.contains("Forwarded")) {
      return ClientAddress.forwardedFor(String.join(",", headers.getAll("Forwarded")));
    }
    return null;
  }

  private static RefusedException refused(String detail) {
    return new RefusedException(ErrorKind.INVALID_ARGUMENT, detail);
  }
}
