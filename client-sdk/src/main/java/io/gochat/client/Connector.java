package io.gochat.client;

import io.gochat.client.ConnectionState.Phase;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Welcome;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a client connected: resolve, log in, connect, and all again after a loss, until something final happens. It
 * decides what is final. Confined to the client's event loop.
 */
final class Connector {
  /** A connection that held for so long was a good one: the next loss starts from the shortest delay. */
  private static final long GOOD_AFTER_MS = 5_000;

  /** Who is told. All on the event loop. */
  interface Events {
    /** The phase changed, but for the last change. */
    void state(ConnectionState state);

    /** The first or a later handshake is done. */
    void welcomed(Identity identity);

    /** It is over, by something final; nothing follows. */
    void ended(CloseReason reason, String detail);

    /** Something in this client, or in a library beside it, failed: nothing goes on. */
    void failed(Throwable cause);

    /** Whether the listeners are so far behind that the socket must not be read. */
    boolean isFull();
  }

  private final ClientOptions options;
  private final Steps steps;
  private final Route route;
  private final TokenSource tokens;
  private final Conversation conversation;
  private final Events events;
  private final Retry retry;
  private boolean troubleTold;
  private boolean isUp;
  private @Nullable Link link;
  private @Nullable Runnable cancelRetry;
  private @Nullable Runnable cancelDeadline;
  private Phase phase = Phase.NEW;
  private String lastTrouble = "";
  private long connectedAtMs;
  private int roundsInVain;

  Connector(
      ClientOptions options,
      EventLoop loop,
      SharedResources.Lease lease,
      Conversation conversation,
      Events events) {
    this.options = options;
    this.steps = new Steps(loop, options.environment().timers(), events::failed);
    this.route = new Route(options, lease.names(), steps);
    this.tokens = new TokenSource(options.credentials(), lease.blocking(), steps);
    this.conversation = conversation;
    this.events = events;
    this.retry = Retry.ofConnections(options);
  }

  /** The first attempt. */
  void start() {
    if (phase == Phase.NEW) {
      enter(Phase.CONNECTING, "");
      options
          .connectDeadline()
          .ifPresent(d -> cancelDeadline = steps.after(d.toMillis(), this::deadlinePassed));
      attempt();
    }
  }

  /** The listeners have caught up. */
  void resumeReading() {
    if (link != null) {
      link.resumeReading();
    }
  }

  /** Gives the connection up because only resuming can mend it. */
  void reconnect(String why) {
    Link present = link;
    if (present != null) {
      present.close();
      down(new Link.Down.Lost(why));
    }
  }

  /** Nothing is tried any more; {@link #disconnect} ends the present connection. */
  void stop() {
    phase = Phase.CLOSED;
    route.abandon();
    tokens.cancel();
    cancel(cancelRetry);
    cancel(cancelDeadline);
  }

  /** Closes the present connection, after what was written is sent. */
  void disconnect() {
    if (link != null) {
      link.close();
      gone();
    }
  }

  private void attempt() {
    steps.run(() -> {
      route.begin();
      tryNext();
    });
  }

  private void tryNext() {
    route.next(dialer -> {
      if (dialer != null) {
        tokens.obtain(dialer, outcome -> loggedIn(dialer, outcome));
      } else {
        retry(route.trouble(), route.delayMs());
      }
    });
  }

  private void loggedIn(Dialer dialer, Login.Outcome outcome) {
    if (outcome instanceof Login.Outcome.LoggedIn success) {
      open(dialer, success.token());
    } else if (outcome instanceof Login.Outcome.Refused refused) {
      end(refused.reason(), refused.detail());
    } else if (outcome instanceof Login.Outcome.NotNow later) {
      missed(later.detail(), later.retryAfterMs());
    }
  }

  private void open(Dialer dialer, String token) {
    long heartbeatMs = options.heartbeat().map(d -> Math.max(1, d.toMillis())).orElse(0L);
    Link opened =
        new Link(conversation.hello(token), heartbeatMs, options.environment(), new LinkEvents());
    link = opened;
    dialer.open(opened);
  }

  private void gone() {
    link = null;
    if (isUp) {
      isUp = false;
      options.metrics().disconnected();
    }
  }

  /** This address cannot be had now; perhaps another can. */
  private void missed(String detail, long serverDelayMs) {
    route.missed(detail, serverDelayMs);
    tryNext();
  }

  private void retry(String detail, long serverDelayMs) {
    if (phase == Phase.CLOSED) {
      return;
    }
    if (steps.loop().isShuttingDown()) {
      // By the application; a timer would never fire.
      end(CloseReason.CALLER, "the event loop is shut down");
      return;
    }
    boolean isNews = !detail.equals(lastTrouble);
    lastTrouble = detail;
    if (phase == Phase.CONNECTED) {
      if (nowMs() - connectedAtMs >= GOOD_AFTER_MS) {
        roundsInVain = 0;
      }
      enter(Phase.RECOVERING, detail);
    } else {
      tell(detail, isNews);
    }
    long delayMs = retry.delayMs(serverDelayMs, serverDelayMs > 0 ? 0 : roundsInVain++);
    ClientLog.LOG.debug("trying again in {} ms: {}", delayMs, detail);
    cancelRetry = steps.after(delayMs, this::attempt);
  }

  /** An attempt failed: once per outage in the log, and in the state whenever it is another reason. */
  private void tell(String detail, boolean isNews) {
    if (!troubleTold) {
      troubleTold = true;
      ClientLog.LOG.warn("cannot connect to {}, and go on trying: {}", options.servers(), detail);
    }
    if (isNews) {
      enter(phase, detail);
    }
  }

  private void welcomed(Link link, Welcome welcome) {
    tokens.served();
    troubleTold = false;
    lastTrouble = "";
    connectedAtMs = nowMs();
    cancel(cancelDeadline);
    isUp = true;
    options.metrics().connected();
    conversation.linkUp(link, welcome);
    if (this.link == link) {
      enter(Phase.CONNECTED, "");
      events.welcomed(new Identity(welcome.getUserId(), welcome.getUsername()));
    }
  }

  private void down(Link.Down down) {
    gone();
    conversation.linkDown();
    if (phase == Phase.CLOSED) {
      // Closing was under way already; there is nothing left to decide.
      return;
    }
    if (down instanceof Link.Down.Lost lost) {
      if (phase == Phase.CONNECTED) {
        retry(lost.detail(), 0);
      } else {
        missed(lost.detail(), 0);
      }
    } else if (down instanceof Link.Down.Failed failed) {
      events.failed(failed.cause());
    } else if (down instanceof Link.Down.WentAway away) {
      wentAway(away.goAway());
    } else if (down instanceof Link.Down.Refused refused) {
      refused(ChatException.of(refused.error()));
    } else if (down instanceof Link.Down.Broken broken) {
      // In front of the first welcome it is another kind of server; afterwards it may be an
      // accident on the way.
      if (broken.welcomed()) {
        retry(broken.detail(), 0);
      } else {
        end(CloseReason.PROTOCOL_ERROR, broken.detail());
      }
    }
  }

  private void wentAway(GoAway goAway) {
    String detail = "the server said goodbye: " + goAway.getReason();
    switch (goAway.getReason()) {
      case REVOKED -> end(CloseReason.REVOKED, detail);
      case EXPIRED -> logInAgainOrEnd(CloseReason.EXPIRED, detail);
      case REPLACED -> end(CloseReason.REPLACED, detail);
      case PROTOCOL_ERROR -> end(CloseReason.PROTOCOL_ERROR, detail);
      default -> {
        if (goAway.getFinal()) {
          end(CloseReason.REFUSED, detail);
        } else {
          retry(detail, Math.max(0, goAway.getReconnectAfterMs()));
        }
      }
    }
  }

  private void refused(ChatException refusal) {
    String detail = String.valueOf(refusal.getMessage());
    if (refusal.failure() == Failure.TOKEN_INVALID) {
      logInAgainOrEnd(CloseReason.TOKEN_INVALID, detail);
    } else if (Retry.mayPass(refusal)) {
      if (phase == Phase.CONNECTED) {
        retry(detail, refusal.retryAfterMs());
      } else {
        missed(detail, refusal.retryAfterMs());
      }
    } else {
      end(CloseReason.REFUSED, detail);
    }
  }

  /** A token that served and no longer does is replaced, where there is a password; a new one must not be refused. */
  private void logInAgainOrEnd(CloseReason reason, String detail) {
    if (tokens.replace()) {
      retry(detail, 0);
    } else {
      end(reason, detail);
    }
  }

  private void deadlinePassed() {
    if (phase == Phase.CONNECTING) {
      end(CloseReason.UNREACHABLE, lastTrouble);
    }
  }

  private void end(CloseReason reason, String detail) {
    stop();
    disconnect();
    events.ended(reason, detail);
  }

  private void enter(Phase next, String detail) {
    phase = next;
    events.state(ConnectionState.of(next, detail));
  }

  private static void cancel(@Nullable Runnable timer) {
    if (timer != null) {
      timer.run();
    }
  }

  private long nowMs() {
    return options.environment().nowMs().getAsLong();
  }

  /** One link's ear; a link that was closed says nothing more. */
  private final class LinkEvents implements Link.Events {
    private boolean goingAway;

    @Override
    public void welcomed(Link link, Welcome welcome) {
      Connector.this.welcomed(link, welcome);
    }

    @Override
    public void received(ServerFrame frame) {
      conversation.received(frame);
    }

    @Override
    public void readComplete() {
      conversation.pump();
      endWhenQuiet();
    }

    @Override
    public boolean isFull() {
      return events.isFull();
    }

    @Override
    public void writable() {
      conversation.pump();
    }

    @Override
    public void goingAway() {
      conversation.linkGoingAway();
      goingAway = true;
    }

    @Override
    public void down(Link.Down down) {
      steps.run(() -> Connector.this.down(down));
    }

    /** After a goodbye only answers are worth waiting for; deliveries come again. */
    private void endWhenQuiet() {
      Link present = link;
      if (goingAway && present != null && conversation.isQuiet()) {
        present.goodbye();
      }
    }
  }
}
