package io.gochat.server.config;

import java.util.Map;

/**
 * Everything that an operator can set, checked. Immutable.
 *
 * @param log what is logged, and how
 * @param network the port and who may use it
 * @param tls encryption, and who may do without
 * @param store where data lives and how safe it is
 * @param accounts passwords, logins, sessions
 * @param identity whom others vouch for
 * @param admin what operators may do to a running node
 * @param webhooks who is told what was said
 * @param publishing how fast one user may publish
 * @param channels what one connection, message or room may cost
 * @param memory what all connections together may use
 */
public record ServerConfig(
    LogConfig log,
    NetworkConfig network,
    TlsConfig tls,
    StoreConfig store,
    AccountConfig accounts,
    IdentityConfig identity,
    AdminConfig admin,
    WebhookConfig webhooks,
    PublishConfig publishing,
    ChannelConfig channels,
    MemoryConfig memory) {

  /** All settings as text, secrets left out. */
  public Map<String, String> settings() {
    return Settings.of(this);
  }
}
