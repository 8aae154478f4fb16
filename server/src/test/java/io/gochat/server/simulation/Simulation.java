package io.gochat.server.simulation;

import io.gochat.protocol.Publish;
import io.gochat.server.account.Account;
import io.gochat.server.messaging.Topic;
import io.gochat.server.simulation.SimulatedLog.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One schedule: a node, its users, and what happens to them, all from one seed. First everything goes wrong that may; then
 * calm comes, in which everybody must get what is his; then everybody leaves, and nothing may be left. Confined to one
 * thread.
 */
final class Simulation {
  private static final int CALM_STEP_MS = 250;

  /** As long as calm may take: a store has a minute to answer before it is asked anew. */
  private static final int CALM_STEPS = 600;

  private static final long DAY_MS = 24 * 3_600_000L;

  final Dice dice;
  final Node node;
  final List<Account> accounts = new ArrayList<>();
  final List<Long> rooms;

  /** The texts of everything that somebody wanted to publish. */
  final Set<String> wanted = new LinkedHashSet<>();

  private final List<Device> devices = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final Map<Long, Long> acknowledging = new HashMap<>();
  private final Trace trace;
  private final int steps;
  private boolean calm;
  private boolean draining;
  private boolean clockMoved;
  private boolean clockMoves;

  Simulation(long seed, boolean isTraced) {
    trace = new Trace(isTraced);
    dice = new Dice(seed);
    node = new Node(dice, trace);
    steps = dice.between(300, 2_000);
    clockMoves = dice.oneIn(4);
    rooms = dice.oneIn(2) ? List.of(7L) : List.of(7L, 8L, 9L);
    for (int i = dice.between(1, 3); i > 0; i--) {
      accounts.add(node.users.add("user" + (accounts.size() + 1)));
    }
    for (int i = dice.between(2, 6); i > 0; i--) {
      devices.add(new Device(this, dice.of(accounts), "device" + (devices.size() + 1)));
    }
  }

  /** Plays it; whatever is wrong is thrown. */
  void play() {
    for (int step = 0; step < steps; step++) {
      if (step % 50 == 0) {
        weather();
      }
      step(dice.below(100));
    }
    if (dice.oneIn(4)) {
      node.memory.failsOneIn(0);
    } else {
      recover();
      mustBeInTheLogOnce();
    }
    leave();
    node.mustBeEmpty(rooms);
  }

  // ---- storm ----

  /** How bad it is for a while. */
  private void weather() {
    boolean fine = dice.oneIn(3);
    node.store.failsOneIn(fine ? 0 : dice.of(List.of(0, 50, 10, 1)));
    node.log.failsOneIn(fine ? 0 : dice.of(List.of(0, 20, 5, 1)));
    node.log.losesOneIn(fine ? 0 : dice.of(List.of(0, 10, 2)));
    node.memory.failsOneIn(fine ? 0 : dice.of(List.of(0, 0, 0, 100, 15)));
    trace(() -> "the weather changes");
  }

  private void step(int die) {
    SimulatedLoop loop = dice.of(node.loops);
    if (die < 22) {
      loop.runTask();
    } else if (die < 37) {
      node.poll(loop, false);
    } else if (die < 45) {
      node.sweep(loop);
    } else if (die < 48) {
      node.scheduler.runTask();
    } else if (die < 55) {
      node.asStore(node.log::commit);
    } else if (die < 61) {
      node.asStore(node.log::answer);
    } else if (die < 65) {
      node.asStore(node.log::notifyNext);
    } else if (die < 75) {
      node.asStore(node.store::answerOne);
    } else if (die < 85) {
      dice.of(devices).act();
    } else if (die < 94) {
      read();
    } else if (die < 98) {
      pass(dice.oneIn(8) ? dice.between(500, 3_000) : dice.between(1, 300));
    } else {
      strike();
    }
  }

  private void read() {
    if (links.isEmpty() || dice.oneIn(2)) {
      dice.of(devices).read(dice.oneIn(2) ? Integer.MAX_VALUE : dice.between(1, 400));
    } else {
      Link link = dice.of(links); // also one whose device has another by now
      if (!link.device.isCurrent(link)) {
        link.read(Integer.MAX_VALUE);
      }
      links.removeIf(Link::isOver);
    }
  }

  private void pass(long ms) {
    trace(() -> ms + " ms pass");
    node.pass(ms);
  }

  private void strike() {
    switch (dice.below(4)) {
      case 0 -> node.log.trim();
      case 1 -> {
        if (node.log.isShared() && dice.oneIn(6)) {
          node.asStore(node.log::startEpoch);
        }
      }
      case 2 -> {
        if (clockMoves) {
          clockMoved = true;
          node.time.jump(dice.of(List.of(60_000L, -60_000L, 30 * DAY_MS, -40 * DAY_MS)));
        }
      }
      default -> node.memory.failsOneIn(dice.of(List.of(0, 3)));
    }
    trace(() -> "something strikes");
  }

  // ---- calm ----

  /** From now on nothing goes wrong; everybody gets what he wants, or this fails. */
  private void recover() {
    trace(() -> "calm comes");
    calm = true;
    node.store.failsOneIn(0);
    node.log.failsOneIn(0);
    node.log.losesOneIn(0);
    node.memory.failsOneIn(0);
    node.log.widen();
    devices.forEach(Device::widen);
    for (int i = 0; i < CALM_STEPS; i++) {
      pass(CALM_STEP_MS);
      for (Device device : devices) {
        device.recover();
      }
      links.forEach(Simulation::cling);
      workAll();
      links.forEach(Simulation::mayBeOpen);
      if (node.log.isIdle()
          && node.store.isIdle()
          && links.size() == devices.size()
          && devices.stream().allMatch(Device::isContent)) {
        return;
      }
    }
    throw new AssertionError(
        "calm does not help: " + devices.stream().map(Device::describe).toList());
  }

  /** A connection that has a successor does not go by itself: it must be replaced. */
  private static void cling(Link link) {
    if (link.isOpen() && !link.device.isCurrent(link)) {
      link.pingIfDue();
    }
  }

  private static void mayBeOpen(Link link) {
    Check.that(
        !link.isOpen() || !link.device.mustBeClosed(link.token),
        () -> link + " is open, and its session is not");
  }

  /** Does everything that can be done now. */
  private void workAll() {
    boolean worked = true;
    for (int i = 0; worked; i++) {
      Check.that(i < 10_000, () -> "the node works for ever");
      worked = false;
      for (SimulatedLoop loop : node.loops) {
        worked |= loop.runTask();
        worked |= node.poll(loop, true);
        worked |= node.sweep(loop);
      }
      worked |= node.scheduler.runTask();
      boolean idle = node.log.isIdle() && node.store.isIdle();
      worked |= !idle;
      node.asStore(() -> {
        node.log.commit();
        node.log.answer();
        node.log.notifyNext();
        node.store.answerOne();
      });
      links.forEach(this::readOn);
    }
    links.removeIf(Link::isOver);
  }

  private void readOn(Link link) {
    if (calm || !link.device.isCurrent(link)) {
      link.read(Integer.MAX_VALUE);
    }
  }

  private void mustBeInTheLogOnce() {
    Set<String> stored = new HashSet<>();
    for (Entry entry : node.log.all()) {
      String text = entry.publication().text();
      Check.that(stored.add(text), () -> "stored twice: " + text);
    }
    Check.that(stored.equals(wanted), () -> "stored is something else than was published");
  }

  // ---- the end ----

  /** The node stops: everybody is sent away, and those who do not hear of it are left behind. */
  private void leave() {
    trace(() -> "the node drains");
    draining = true;
    calm = true;
    node.store.failsOneIn(0);
    node.log.failsOneIn(0);
    node.memory.failsOneIn(0);
    node.drain();
    for (int i = 0; i < CALM_STEPS && !isOver(); i++) {
      pass(CALM_STEP_MS);
      workAll();
    }
  }

  private boolean isOver() {
    return node.channels.stream().noneMatch(SimulatedChannel::isOpen)
        && node.log.isIdle()
        && node.store.isIdle()
        && node.loops.stream().noneMatch(SimulatedLoop::hasTasks);
  }

  // ---- what devices and links ask ----

  Link connect(Device device, Wire wire) {
    node.accept(wire, devices.indexOf(device) + 1);
    Link link = new Link(this, device, wire);
    links.add(link);
    return link;
  }

  /** Nothing goes wrong any more. */
  boolean isCalm() {
    return calm;
  }

  boolean isDraining() {
    return draining;
  }

  boolean hasClockMoved() {
    return clockMoved;
  }

  /** A device of the user says that everything up to here was handled. */
  void acknowledging(Account user, long seq) {
    acknowledging.merge(user.userId(), seq, Math::max);
  }

  /** How far any device of the user has said so. */
  long acknowledged(Account user) {
    return acknowledging.getOrDefault(user.userId(), 0L);
  }

  Topic topicOf(Publish publish) {
    for (Account account : accounts) {
      if (account.username().equals(publish.getToUserName())) {
        return Topic.inbox(account.userId());
      }
    }
    return Topics.of(publish.getTopic());
  }

  // ---- what happened ----

  void trace(Supplier<String> what) {
    trace.add(() -> node.time.ms() + " " + what.get());
  }

  /** What happened last, oldest first. */
  List<String> trace() {
    return trace.lines();
  }

  /** Everything that happened, as one number. */
  long digest() {
    return dice.digest();
  }
}
