package io.gochat.server.command;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Position;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.gochat.server.command.CommandConnection.State;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.session.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Signing in: token, where delivery starts, registration, {@code Welcome}, delivery. Immutable; one {@link SignIn} per
 * {@code Hello} keeps what is known so far.
 */
final class HelloCommand {
  private static final int MAX_CLIENT_CHARS = 128;

  private final CommandServices services;
  private final CommandOptions options;
  private final Draining draining;

  HelloCommand(CommandServices services, CommandOptions options, Draining draining) {
    this.services = services;
    this.options = options;
    this.draining = draining;
  }

  void run(Command command, Hello hello) {
    Arguments.requireShort("device_id", hello.getDeviceId(), Limits.MAX_DEVICE_ID_CHARS);
    Arguments.requireShort("client", hello.getClient(), MAX_CLIENT_CHARS);
    SignIn signIn = new SignIn(command, hello);
    command.connection().signingIn();
    command.after(services.sessions().check(hello.getToken()), signIn::checked);
  }

  private static void requireSession(Optional<Session> session) {
    if (session.isEmpty()) {
      throw new RefusedException(
          ErrorKind.TOKEN_INVALID, "the token is unknown, expired or revoked");
    }
  }

  /** One Hello on its way; confined to the connection's loop. */
  private final class SignIn {
    private final Command command;
    private final CommandConnection connection;
    private final Hello hello;
    private final Map<Topic, CompletableFuture<DeliveryStart>> starts = new LinkedHashMap<>();

    SignIn(Command command, Hello hello) {
      this.command = command;
      this.connection = command.connection();
      this.hello = hello;
    }

    /** The connection may have been closed while something was awaited. */
    private boolean isOver() {
      return connection.state() != State.SIGNING_IN;
    }

    void checked(Optional<Session> found) {
      if (isOver()) {
        return;
      }
      requireSession(found);
      Session session = found.orElseThrow();
      Map<Topic, @Nullable ClaimedPosition> positions = positions(session.userId());
      positions.forEach((topic, position) -> starts.put(topic, start(topic, position)));
      CompletableFuture<?>[] all = starts.values().toArray(new CompletableFuture<?>[0]);
      command.after(CompletableFuture.allOf(all), done -> located(session));
    }

    /** Where the client says it stands: in its order, its inbox in front if it does not say. */
    private Map<Topic, @Nullable ClaimedPosition> positions(long userId) {
      Map<Topic, @Nullable ClaimedPosition> positions = new LinkedHashMap<>();
      Topic inbox = Topic.inbox(userId);
      if (hello.getResumeList().stream().noneMatch(p -> p.getTopic().hasUserId())) {
        positions.put(inbox, null);
      }
      for (Position position : hello.getResumeList()) {
        Topic topic = Arguments.ownTopic(position.getTopic(), userId);
        if (positions.put(topic, Arguments.position(position)) != null) {
          throw Arguments.invalid("resume: a topic twice");
        }
      }
      if (positions.size() - 1 > options.bounds().maxRooms()) {
        throw new RefusedException(
            ErrorKind.TOO_MANY, "resume: over " + options.bounds().maxRooms() + " rooms");
      }
      return positions;
    }

    private CompletableFuture<DeliveryStart> start(Topic topic, @Nullable ClaimedPosition at) {
      return topic.isInbox()
          ? services.messaging().startInbox(topic.id(), hello.getDeviceId(), at)
          : services.messaging().startRoom(topic.id(), at);
    }

    private void located(Session session) {
      if (isOver()) {
        return;
      }
      connection.identify(session, hello.getDeviceId());
      if (!services.registry().register(connection)) {
        connection.refuseConnection(
            command.requestId(), ErrorKind.TOO_MANY, "as many connections of this user as allowed");
        return;
      }
      // The session may have ended between the check and the registration, too early for whoever
      // closes the connections of ended sessions to find this one: look once more.
      command.after(services.sessions().check(hello.getToken()), this::registered);
    }

    private void registered(Optional<Session> found) {
      if (isOver()) {
        return;
      }
      requireSession(found);
      connection.open();
      welcome();
      starts.forEach(this::deliver);
      if (draining.isStarted()) {
        connection.close(CloseReason.DRAIN);
      }
    }

    private void welcome() {
      Welcome.Builder welcome = Welcome.newBuilder()
          .setUserId(connection.userId())
          .setUsername(connection.username())
          .setHeartbeatMs((int) options.times().heartbeat().toMillis())
          .setMaxFrameBytes(connection.maxMessageBytes())
          .setNode(options.node());
      starts.forEach((topic, start) -> welcome.addResumed(Answers.resumed(topic, start.join())));
      command.answerAlways(ServerFrame.newBuilder().setWelcome(welcome));
    }

    private void deliver(Topic topic, CompletableFuture<DeliveryStart> start) {
      if (!topic.isInbox()) {
        connection.topics().enter(topic.id());
      }
      RoomCommands.startDelivery(connection, topic, start.join());
    }
  }
}
