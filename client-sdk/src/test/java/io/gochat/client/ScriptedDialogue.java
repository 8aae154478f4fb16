package io.gochat.client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of a client that talks to a scripted server, new for each: what they start and stop. */
abstract class ScriptedDialogue {
  ScriptedServer server;
  ChatClient client;
  Recorder recorder;

  @BeforeEach
  final void start() throws Exception {
    server = new ScriptedServer();
    client = ChatClient.create(server.options().build());
    recorder = Recorder.of(client);
  }

  @AfterEach
  final void stop() throws Exception {
    client.close();
    server.close();
  }
}
