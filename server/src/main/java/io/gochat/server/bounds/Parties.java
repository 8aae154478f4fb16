package io.gochat.server.bounds;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The users, or the client addresses, that have a holder now. Thread-safe. */
final class Parties<K> {
  private final ConcurrentHashMap<K, Party> parties = new ConcurrentHashMap<>();
  private final int pools;

  Parties(int pools) {
    this.pools = pools;
  }

  /** The party of {@code key}, with one holder more. */
  Party enter(K key) {
    return parties.compute(key, (same, party) -> entered(party));
  }

  private Party entered(@Nullable Party party) {
    if (party == null) {
      return new Party(pools);
    }
    party.holders++;
    return party;
  }

  /** One holder less; with the last one the party is forgotten. */
  void leave(K key) {
    parties.computeIfPresent(key, (same, party) -> --party.holders == 0 ? null : party);
  }

  /** For tests: how many are known. */
  int size() {
    return parties.size();
  }
}
