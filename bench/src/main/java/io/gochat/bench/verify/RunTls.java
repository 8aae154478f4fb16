package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.common.OwnCertificate;
import io.gochat.bench.common.TlsOption;
import io.gochat.client.ClientOptionsBuilder;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TLS on both sides of the proxy, with a certificate that the run has made; or none. So both the SDK and the server speak
 * it, and what lies between can still read along and cut where it likes. Immutable.
 *
 * @param own empty: nobody speaks TLS
 * @param front for what clients connect to
 * @param back for what the proxy connects to
 */
record RunTls(Optional<OwnCertificate> own, Optional<SslContext> front, Optional<SslContext> back) {
  /** Nobody speaks TLS. */
  static final RunTls NONE = new RunTls(Optional.empty(), Optional.empty(), Optional.empty());

  /** As the options ask for; servers that are started get the certificate of the run. */
  static RunTls of(VerifyOptions options, Path dir) throws IOException, InterruptedException {
    if (!options.tls.isWanted()) {
      return NONE;
    }
    OwnCertificate own = OwnCertificate.in(dir);
    SslContext front = SslContextBuilder.forServer(
            own.certificate().toFile(), own.key().toFile())
        .build();
    Optional<SslContext> back = options.attach == null
        ? Optional.of(SslContextBuilder.forClient()
            .trustManager(own.certificate().toFile())
            .build())
        : options.tls.netty();
    return new RunTls(Optional.of(own), Optional.of(front), back);
  }

  /** The flags of a server. */
  String[] flags() {
    return own.map(OwnCertificate::flags).orElse(new String[0]);
  }

  /** The server's side of a connection that was taken. */
  void accept(Channel channel) {
    front.ifPresent(context -> channel.pipeline().addFirst(context.newHandler(channel.alloc())));
  }

  /** The client's side of a connection that is made. */
  void connect(Channel channel, InetSocketAddress server) {
    back.ifPresent(context -> channel
        .pipeline()
        .addFirst(context.newHandler(channel.alloc(), server.getHostString(), server.getPort())));
  }

  /** For the SDK. */
  ClientOptionsBuilder apply(ClientOptionsBuilder options) {
    return trusting().apply(options);
  }

  /** The API behind an address of this run. */
  HttpApi http(InetSocketAddress address) throws IOException {
    TlsOption trusting = trusting();
    return new HttpApi(
        URI.create(trusting.scheme() + "://" + address.getHostString() + ":" + address.getPort()),
        trusting.jdk());
  }

  private TlsOption trusting() {
    TlsOption option = new TlsOption();
    @Nullable Path trusted = own.map(OwnCertificate::certificate).orElse(null);
    if (trusted != null) {
      option.trust(trusted);
    }
    return option;
  }
}
