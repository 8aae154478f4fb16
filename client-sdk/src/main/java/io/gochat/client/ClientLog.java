package io.gochat.client;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one logger of the SDK, by the name that applications know. Stateless. */
final class ClientLog {
  static final Logger LOG = LoggerFactory.getLogger("io.gochat.client.ChatClient");

  private ClientLog() {}
}
