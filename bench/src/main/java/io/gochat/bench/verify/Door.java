package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.client.ClientOptions;
import io.gochat.client.ClientOptionsBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Where clients connect, and how. Immutable.
 *
 * @param address resolved
 * @param tls how they speak
 */
record Door(InetSocketAddress address, RunTls tls) {
  /** For a client of the SDK. */
  ClientOptionsBuilder client() {
    return tls.apply(ClientOptions.builder().host(address.getHostString()).port(address.getPort()));
  }

  /** For whoever speaks HTTP. */
  HttpApi http() throws IOException {
    return tls.http(address);
  }
}
