package io.gochat.server.registry;

import java.util.Arrays;

/**
 * Where each member of a {@link Feed} stands in its stream: two dense arrays, so that a sweep reads on and on. A member
 * that leaves is replaced by the last. Confined to the feed's event loop.
 */
final class Cursors {
  /** Of a member that stands nowhere in the stream. */
  static final long NONE = ChunkStream.NOWHERE;

  private Membership[] members = new Membership[1];
  private long[] positions = new long[1];
  private int size;
  private int unplaced;

  int size() {
    return size;
  }

  /** How many stand nowhere. */
  int unplaced() {
    return unplaced;
  }

  Membership member(int index) {
    return members[index];
  }

  long position(int index) {
    return positions[index];
  }

  /** Adds a member, which stands nowhere yet. */
  void add(Membership member) {
    if (size == members.length) {
      long[] more = Arrays.copyOf(positions, size * 2); // without memory for both nothing changes
      members = Arrays.copyOf(members, size * 2);
      positions = more;
    }
    member.index = size;
    members[size] = member;
    positions[size] = NONE;
    size++;
    unplaced++;
  }

  /** Removes a member; true when another one has its place now. */
  boolean remove(Membership member) {
    int index = member.index;
    if (positions[index] == NONE) {
      unplaced--;
    }
    int last = --size;
    if (index != last) {
      members[index] = members[last];
      positions[index] = positions[last];
      members[index].index = index;
    }
    vacate(last);
    member.index = -1;
    return index != last;
  }

  @SuppressWarnings("NullAway") // beyond size nothing is read
  private void vacate(int slot) {
    members[slot] = null;
  }

  /** Who stood nowhere stands there now. */
  void place(int index, long position) {
    positions[index] = position;
    unplaced--;
  }

  /** Who stands in the stream got there. */
  void advance(int index, long position) {
    positions[index] = position;
  }

  /** Who stands in the stream stands nowhere now. */
  void displace(int index) {
    positions[index] = NONE;
    unplaced++;
  }

  /** Where the last of those stands who stand before {@code end}; {@code end} when nobody does. */
  long lowest(long end) {
    long lowest = end;
    for (int i = 0; i < size; i++) {
      long position = positions[i];
      if (position != NONE && position < lowest) {
        lowest = position;
      }
    }
    return lowest;
  }
}
