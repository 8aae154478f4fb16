package io.gochat.server.redis;

import io.gochat.server.cluster.NodePresence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * What is known of who is in which room through each of the other processes; the listener hears of what changes. Confined
 * to the store's scheduler thread, which also calls the listener.
 */
final class PresenceMirrors {
  private final RedisLink link;
  private final ScheduledExecutorService scheduler;
  private final Map<String, Map<Place, String>> mirrors = new HashMap<>();
  private volatile NodePresence.@Nullable Listener listener;

  PresenceMirrors(RedisLink link, ScheduledExecutorService scheduler) {
    this.link = link;
    this.scheduler = scheduler;
  }

  /** Who hears of everything; from any thread, before anything is taken over. */
  void tell(NodePresence.Listener hearer) {
    this.listener = hearer;
  }

  /** Whether this process is known. */
  boolean has(String process) {
    return mirrors.containsKey(process);
  }

  /** Forgets the processes that are not alive any more, and takes over those that are new. */
  CompletionStage<Void> compareWith(Set<String> alive) {
    for (String known : List.copyOf(mirrors.keySet())) {
      if (!alive.contains(known)) {
        replace(known, Map.of());
        mirrors.remove(known);
      }
    }
    List<String> fresh = new ArrayList<>(alive);
    fresh.removeAll(mirrors.keySet());
    return takeOver(fresh);
  }

  /** Looks at all that are known, again. */
  CompletionStage<Void> takeAllOver() {
    return takeOver(List.copyOf(mirrors.keySet()));
  }

  /** Takes over what these processes say of themselves. */
  CompletionStage<Void> takeOver(List<String> processes) {
    CompletionStage<Void> all = CompletableFuture.completedStage(null);
    for (String process : processes) {
      all = all.thenComposeAsync(x -> takeOver(process), scheduler);
    }
    return all;
  }

  private CompletionStage<Void> takeOver(String process) {
    return link.commands()
        .hgetall(link.keys().presenceOf(process))
        .thenAcceptAsync(
            fields -> {
              Map<Place, String> present = new HashMap<>();
              fields.forEach(
                  (place, name) -> present.put(Place.parse(Keys.text(place)), Keys.text(name)));
              replace(process, present);
            },
            scheduler);
  }

  private void replace(String process, Map<Place, String> present) {
    Map<Place, String> before = mirrors.computeIfAbsent(process, n -> new HashMap<>());
    for (Place place : List.copyOf(before.keySet())) {
      if (!present.containsKey(place)) {
        apply(before, place, "");
      }
    }
    present.forEach((place, name) -> apply(before, place, name));
  }

  /** Somebody came, by this name, or left: it is empty. */
  void apply(String process, Place place, String name) {
    Map<Place, String> mirror = mirrors.get(process);
    if (mirror != null) {
      apply(mirror, place, name);
    }
  }

  private void apply(Map<Place, String> mirror, Place place, String name) {
    NodePresence.Listener hearer = listener;
    if (hearer == null) {
      return;
    }
    if (name.isEmpty()) {
      if (mirror.remove(place) != null) {
        hearer.left(place.roomId(), place.userId());
      }
    } else if (mirror.put(place, name) == null) {
      hearer.joined(place.roomId(), place.userId(), name);
    }
  }
}
