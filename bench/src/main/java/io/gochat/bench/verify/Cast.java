package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Who takes part in a run: users, the topics they publish to, publishers and receivers. Built on one thread, then only
 * read.
 */
final class Cast implements AutoCloseable {
  static final String RECEIVER_PREFIX = "recv-";
  private static final String PASSWORD = "correct horse";

  private final Map<Destination, HttpApi.User> readers = new LinkedHashMap<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Receiver> receivers = new ArrayList<>();

  /**
   * Registers everybody and builds the clients; nothing is started yet.
   *
   * @param direct the server itself, for what must not fail
   * @param doors the addresses that the clients use, in turn
   */
  Cast(VerifyOptions options, long seed, HttpApi direct, List<Door> doors, RunRecorder recorder)
      throws Exception {
    // Fresh names and rooms: an attached server may have seen this seed before.
    String run = UUID.randomUUID().toString().substring(0, 8);
    long firstRoom = 1 + new Random().nextLong(1L << 48);
    List<HttpApi.User> owners = new ArrayList<>();
    for (int i = 0; i < (options.receivers + 1) / 2; i++) {
      owners.add(direct.signIn("verify-" + run + "-r" + i, PASSWORD));
    }
    HttpApi.User anybody = owners.get(0);
    List<Destination> rooms = new ArrayList<>();
    for (int i = 0; i < options.rooms; i++) {
      rooms.add(Destination.room(firstRoom + i));
      readers.put(Destination.room(firstRoom + i), anybody);
    }
    owners.forEach(owner -> readers.put(Destination.inbox(owner.id()), owner));
    for (int i = 0; i < options.receivers; i++) {
      Door door = doors.get(i % doors.size());
      receivers.add(new Receiver(RECEIVER_PREFIX + i, door, owners.get(i / 2), rooms, recorder));
    }
    List<Destination> targets = List.copyOf(readers.keySet());
    for (int i = 0; i < options.publishers; i++) {
      Door door = doors.get(i % doors.size());
      HttpApi.User user = direct.signIn("verify-" + run + "-p" + i, PASSWORD);
      Pace pace = new Pace(options.rate);
      String name = "p" + i;
      publishers.add(
          i % 2 == 0
              ? new HttpPublisher(name, door.http(), user, targets, recorder, pace, seed + i)
              : new SdkPublisher(name, door, user, targets, recorder, pace, seed + i));
    }
  }

  List<Publisher> publishers() {
    return publishers;
  }

  List<Receiver> receivers() {
    return receivers;
  }

  /** Every topic, with a user who may read its log. */
  Map<Destination, HttpApi.User> readers() {
    return readers;
  }

  /** Closes the receivers: what they took down is complete then. */
  void leave() {
    receivers.forEach(Receiver::close);
  }

  @Override
  public void close() {
    leave();
  }
}
