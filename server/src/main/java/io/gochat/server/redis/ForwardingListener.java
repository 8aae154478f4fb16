package io.gochat.server.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;

/** Makes one of classic and sharded notifications. Stateless. */
final class ForwardingListener extends RedisPubSubAdapter<byte[], byte[]> {
  private final RedisLink.Listener listener;

  ForwardingListener(RedisLink.Listener listener) {
    this.listener = listener;
  }

  @Override
  public void message(byte[] channel, byte[] payload) {
    listener.notified(channel, payload);
  }

  @Override
  public void smessage(byte[] channel, byte[] payload) {
    listener.notified(channel, payload);
  }

  @Override
  public void subscribed(byte[] channel, long count) {
    listener.subscribed(channel);
  }

  @Override
  public void ssubscribed(byte[] channel, long count) {
    listener.subscribed(channel);
  }
}
