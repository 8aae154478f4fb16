package io.gochat.server.command;

import java.util.Arrays;

/**
 * A few room ids, without the 150 bytes of a hash set: most connections are in one or two rooms, none in more than some
 * thousand. Confined to the connection's event loop.
 */
final class RoomSet {
  private long[] ids = new long[1];
  private int size;

  boolean contains(long roomId) {
    return indexOf(roomId) >= 0;
  }

  void add(long roomId) {
    if (contains(roomId)) {
      return;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size * 2);
    }
    ids[size++] = roomId;
  }

  boolean remove(long roomId) {
    int index = indexOf(roomId);
    if (index < 0) {
      return false;
    }
    ids[index] = ids[--size];
    return true;
  }

  int size() {
    return size;
  }

  private int indexOf(long roomId) {
    for (int i = 0; i < size; i++) {
      if (ids[i] == roomId) {
        return i;
      }
    }
    return -1;
  }
}
