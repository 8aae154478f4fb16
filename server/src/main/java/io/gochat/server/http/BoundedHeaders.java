package io.gochat.server.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * Headers, but not very many: each takes some twenty times the bytes that the shortest needs on its way. Confined to the
 * connection's event loop.
 */
final class BoundedHeaders extends DefaultHttpHeaders {
  static final int MOST = 100;

  static final HttpHeadersFactory FACTORY = new HttpHeadersFactory() {
    @Override
    public HttpHeaders newHeaders() {
      return new BoundedHeaders();
    }

    @Override
    public HttpHeaders newEmptyHeaders() {
      return new BoundedHeaders();
    }
  };

  private int count;

  private BoundedHeaders() {
    super();
  }

  @Override
  public HttpHeaders add(CharSequence name, Object value) {
    count();
    return super.add(name, value);
  }

  @Override
  public HttpHeaders add(String name, Object value) {
    count();
    return super.add(name, value);
  }

  private void count() {
    if (++count > MOST) {
      throw new TooLongHttpHeaderException("more than " + MOST + " headers");
    }
  }
}
