package io.gochat.bench.load;

import io.gochat.bench.common.TlsOption;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS for the connections under load, and for the blocking ones beside them. Thread-safe.
 *
 * @param netty for connections on event loops
 * @param jdk for sockets
 */
record ClientTlsContexts(SslContext netty, SSLSocketFactory jdk) {
  /** Empty: no TLS is wanted. */
  static Optional<ClientTlsContexts> of(TlsOption option) throws IOException {
    Optional<SslContext> netty = option.netty();
    if (netty.isEmpty()) {
      return Optional.empty();
    }
    SSLSocketFactory jdk = option
        .jdk()
        .map(context -> context.getSocketFactory())
        .orElseGet(() -> (SSLSocketFactory) SSLSocketFactory.getDefault());
    return Optional.of(new ClientTlsContexts(netty.get(), jdk));
  }

  /** {@code handler} behind TLS to a server of this name. */
  ChannelHandler inFrontOf(String name, int port, ChannelHandler handler) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(netty.newHandler(channel.alloc(), name, port))
            .addLast(handler);
      }
    };
  }

  /** TLS on a socket that is connected to a server of this name. */
  Socket over(Socket connected, String name, int port) throws IOException {
    SSLSocket socket = (SSLSocket) jdk.createSocket(connected, name, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return socket;
  }
}
