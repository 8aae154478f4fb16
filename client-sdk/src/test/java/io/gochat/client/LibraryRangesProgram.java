package io.gochat.client;

import static java.util.Objects.requireNonNull;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.Version;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** What {@link LibraryRangesTest} starts: one client that publishes to itself, and says how it went. */
final class LibraryRangesProgram {
  private LibraryRangesProgram() {}

  @SuppressWarnings("deprecation") // its successor does not exist in Netty 4.1
  public static void main(String[] args) throws Exception {
    Version netty = requireNonNull(Version.identify().get("netty-common"));
    System.out.println("netty " + netty.artifactVersion());
    ClientOptionsBuilder options = ClientOptions.builder()
        .host("127.0.0.1")
        .port(Integer.parseInt(args[1]))
        .login("beside-others", "secret")
        .register(true);
    EventLoopGroup loops = null;
    if (args[0].equals("chat-on-own-loops")) {
      loops = new NioEventLoopGroup(1);
      options.eventLoops(loops);
    }
    try (ChatClient client = ChatClient.create(options.build())) {
      chat(client);
    } finally {
      if (loops != null) {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      }
    }
  }

  private static void chat(ChatClient client) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    client.onMessage(message -> heard.complete(message.text()));
    try {
      client.connect().get(30, TimeUnit.SECONDS);
      client.join(7).get(30, TimeUnit.SECONDS);
      client.publish(Topic.room(7), "hello").get(30, TimeUnit.SECONDS);
      System.out.println("heard " + heard.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      ChatException failure = (ChatException) requireNonNull(e.getCause());
      System.out.println("failed " + failure.failure() + ": " + failure.getMessage());
    }
  }
}
