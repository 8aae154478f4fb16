package io.gochat.server.http;

import io.gochat.server.session.Session;
import io.gochat.server.session.Sessions;
import io.netty.util.concurrent.EventExecutor;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Asks whose a request is while its body is still on the way: the token in the head tells whether that is worth waiting
 * for. Once for each request. Confined to the connection's event loop.
 */
final class EarlyCheck {
  private final Sessions sessions;
  private final LongConsumer user;
  private final Consumer<Reply> refuse;
  private int heads; // that have come
  private int headsLookedAt;

  /** Tells {@code user} whose it is, or {@code refuse} what is to be answered, while no other head has come. */
  EarlyCheck(Sessions sessions, LongConsumer user, Consumer<Reply> refuse) {
    this.sessions = sessions;
    this.user = user;
    this.refuse = refuse;
  }

  void headCame() {
    heads++;
  }

  /** The head that came last, whose body is still missing; {@code loop} is the connection's. */
  void look(RequestHead head, EventExecutor loop) {
    String token = HeadRules.tokenOf(head);
    Endpoint endpoint = head.endpoint();
    if (heads == headsLookedAt || token == null || endpoint == null) {
      return;
    }
    headsLookedAt = heads;
    int asked = heads;
    sessions.check(token).whenComplete((session, failure) -> {
      if (failure == null) {
        onLoop(loop, () -> checked(endpoint, asked, session));
      }
    });
  }

  private static void onLoop(EventExecutor loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  private void checked(Endpoint endpoint, int asked, Optional<Session> session) {
    if (session.isPresent()) {
      user.accept(session.get().userId());
    } else if (heads == asked) {
      refuse.accept(Router.tokenInvalid(endpoint));
    }
  }
}
