package io.gochat.client;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Everything that a client tells its listeners, in order. Thread-safe. */
final class Recorder {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(10);

  private final List<Object> events = new CopyOnWriteArrayList<>();

  static Recorder of(ChatClient client) {
    Recorder recorder = new Recorder();
    client
        .onMessage(recorder.events::add)
        .onGap(recorder.events::add)
        .onPresence(recorder.events::add)
        .onState(recorder.events::add);
    return recorder;
  }

  List<Message> messages() {
    return events.stream()
        .filter(Message.class::isInstance)
        .map(Message.class::cast)
        .toList();
  }

  List<String> texts() {
    return messages().stream().map(Message::text).toList();
  }

  List<Gap> gaps() {
    return events.stream().filter(Gap.class::isInstance).map(Gap.class::cast).toList();
  }

  List<ConnectionState.Phase> phases() {
    return events.stream()
        .filter(ConnectionState.class::isInstance)
        .map(e -> ((ConnectionState) e).phase())
        .toList();
  }

  /** Messages as their texts and gaps as {@code from-to}, in the order in which they were told. */
  List<String> story() {
    return events.stream()
        .filter(e -> e instanceof Message || e instanceof Gap)
        .map(e -> e instanceof Gap gap ? gap.fromSeq() + "-" + gap.toSeq() : ((Message) e).text())
        .toList();
  }

  List<Object> events() {
    return events;
  }

  void awaitMessages(int count) {
    await().pollInterval(POLL).atMost(DEADLINE).until(() -> messages().size() >= count);
  }

  void awaitPhase(ConnectionState.Phase phase) {
    await().pollInterval(POLL).atMost(DEADLINE).until(() -> phases().contains(phase));
  }

  void awaitEvent(Predicate<Object> wanted) {
    await().pollInterval(POLL).atMost(DEADLINE).until(() -> events.stream().anyMatch(wanted));
  }
}
