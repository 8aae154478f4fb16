package io.gochat.server.bounds;

import java.util.List;

/**
 * Where it is written down who holds what. Immutable; what it consists of is thread-safe.
 *
 * @param pools what is shared
 * @param addresses who shares, by the client's address
 * @param users who shares, by user
 */
record Ledger(List<Pool> pools, Parties<AddressKey> addresses, Parties<Long> users) {
  static Ledger of(List<Pool> pools) {
    return new Ledger(pools, new Parties<>(pools.size()), new Parties<>(pools.size()));
  }
}
