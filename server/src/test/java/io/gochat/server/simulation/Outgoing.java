package io.gochat.server.simulation;

import io.gochat.protocol.Publish;
import io.gochat.server.messaging.Topic;

/** A message that a client wants published, however often it must try. Confined to the simulation's thread. */
final class Outgoing {
  final Topic topic;
  final Publish publish;
  private int attempts;

  Outgoing(Topic topic, Publish publish) {
    this.topic = topic;
    this.publish = publish;
  }

  String id() {
    return publish.getClientMessageId();
  }

  void tried() {
    attempts++;
  }

  int attempts() {
    return attempts;
  }
}
