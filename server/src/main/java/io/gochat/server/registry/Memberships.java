package io.gochat.server.registry;

import io.gochat.server.messaging.Topic;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one connection. A handful are searched one by one, beyond that a map finds them: most connections have one
 * or two, none more than some thousand. Confined to the connection's event loop.
 */
final class Memberships {
  private static final int FEW = 8;

  private Membership[] few = new Membership[1];
  private int size;
  private @Nullable Map<Topic, Membership> many;

  @Nullable
  Membership find(Topic topic) {
    if (many != null) {
      return many.get(topic);
    }
    int index = indexOf(topic);
    return index < 0 ? null : few[index];
  }

  /** Adds a membership of a topic that has none here. */
  void add(Membership member) {
    if (many == null && size == FEW) {
      Map<Topic, Membership> map = new HashMap<>(4 * FEW);
      for (Membership known : few) {
        map.put(known.topic(), known);
      }
      many = map;
      few = new Membership[0];
    }
    if (many != null) {
      many.put(member.topic(), member);
    } else {
      if (size == few.length) {
        few = Arrays.copyOf(few, size * 2);
      }
      few[size] = member;
    }
    size++;
  }

  /** Takes the topic's membership out and returns it; null when there is none. */
  @Nullable
  Membership remove(Topic topic) {
    if (many != null) {
      Membership removed = many.remove(topic);
      size -= removed == null ? 0 : 1;
      return removed;
    }
    int index = indexOf(topic);
    if (index < 0) {
      return null;
    }
    Membership removed = few[index];
    few[index] = few[--size];
    vacate(size);
    return removed;
  }

  @SuppressWarnings("NullAway") // beyond size nothing is read
  private void vacate(int slot) {
    few[slot] = null;
  }

  /** All of them; not to be used any more once something is added or removed. */
  Collection<Membership> all() {
    return many != null ? many.values() : List.of(Arrays.copyOf(few, size));
  }

  private int indexOf(Topic topic) {
    for (int i = 0; i < size; i++) {
      if (few[i].topic().equals(topic)) {
        return i;
      }
    }
    return -1;
  }
}
