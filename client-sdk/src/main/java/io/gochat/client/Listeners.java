package io.gochat.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Whom to tell. Thread-safe. A listener that throws harms neither the other listeners nor the client. */
final class Listeners {
  private final List<MessageListener> message = new CopyOnWriteArrayList<>();
  private final List<PresenceListener> presence = new CopyOnWriteArrayList<>();
  private final List<GapListener> gap = new CopyOnWriteArrayList<>();
  private final List<StateListener> state = new CopyOnWriteArrayList<>();

  private final ClientMetrics metrics;

  Listeners(ClientMetrics metrics) {
    this.metrics = metrics;
  }

  void onMessage(MessageListener listener) {
    message.add(listener);
  }

  void onPresence(PresenceListener listener) {
    presence.add(listener);
  }

  void onGap(GapListener listener) {
    gap.add(listener);
  }

  void onState(StateListener listener) {
    state.add(listener);
  }

  void tell(Message what) {
    each(message, l -> l.onMessage(what));
    metrics.delivered(what);
  }

  void tell(Presence what) {
    each(presence, l -> l.onPresence(what));
  }

  void tell(Gap what) {
    each(gap, l -> l.onGap(what));
    metrics.lost(what);
  }

  void tell(ConnectionState what) {
    each(state, l -> l.onState(what));
  }

  private static <L> void each(List<L> listeners, Consumer<L> call) {
    for (L listener : listeners) {
      try {
        call.accept(listener);
      } catch (Exception | Error e) {
        ClientLog.LOG.warn("a listener threw; the message counts as handed over", e);
      }
    }
  }
}
