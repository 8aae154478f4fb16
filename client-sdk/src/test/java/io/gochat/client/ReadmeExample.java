package io.gochat.client;

/** The program in docs/java-sdk.md, to the letter. */
final class ReadmeExample {
  private ReadmeExample() {}

  static void run(String host, int port) {
    // README: begin
    ClientOptions options = ClientOptions.builder()
        .host(host)
        .port(port)
        .login("alice", "secret")
        .register(true)
        .build();
    try (ChatClient client = ChatClient.create(options)) {
      client.onMessage(m -> System.out.println(m.fromUserName() + ": " + m.text()));
      client.onState(s -> System.out.println(s.phase()));
      Identity me = client.connect().join();
      client.join(7).join();
      client.publish(Topic.room(7), "hello, everybody").join();
      client.publish(me.inbox(), "a note to myself").join();
      for (Message m : client.history(Topic.room(7), 0, 100).join().messages()) {
        System.out.println(m.seq() + " " + m.text());
      }
    }
    // README: end
  }
}
