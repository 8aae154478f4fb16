package io.gochat.bench.verify;

import io.gochat.bench.verify.FaultSchedule.Step;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Chooses the connection or receiver that a step hits, and hits it. Confined to its lane's thread. */
final class ConnectionFaults implements FaultLane.Injector {
  private final List<FaultProxy> proxies;
  private final List<Receiver> receivers;
  private final AtomicLong restarts = new AtomicLong();
  private int cuts;

  ConnectionFaults(List<FaultProxy> proxies, List<Receiver> receivers) {
    this.proxies = List.copyOf(proxies);
    this.receivers = List.copyOf(receivers);
  }

  /** Receivers that were killed and came back. */
  long restarts() {
    return restarts.get();
  }

  @Override
  public void inject(Step step) throws Exception {
    if (step.kind() == FaultKind.RESTART) {
      restart(receivers.get(Math.floorMod(step.target(), receivers.size())));
      return;
    }
    FaultProxy proxy = proxies.get(Math.floorMod(step.target() >> 16, proxies.size()));
    List<ProxyLink> eligible = eligible(proxy, step.kind());
    if (eligible.isEmpty()) {
      return;
    }
    ProxyLink link = eligible.get(Math.floorMod(step.target(), eligible.size()));
    if (step.kind() == FaultKind.STALL) {
      proxy.stall(link, step.lasting(300, 2_500));
    } else {
      link.arm(step.kind());
    }
  }

  private void restart(Receiver receiver) {
    // A crash says nothing more: its last acknowledgement goes down with its connections.
    for (FaultProxy proxy : proxies) {
      proxy.links().stream()
          .filter(link -> link.device().equals(receiver.device()))
          .forEach(ProxyLink::reset);
    }
    receiver.crashAndRestart();
    restarts.incrementAndGet();
  }

  /** Stalls hit receivers; cuts hit receivers, HTTP and frame publishers in turn, so that none is spared by chance. */
  private List<ProxyLink> eligible(FaultProxy proxy, FaultKind kind) {
    List<ProxyLink> free =
        proxy.links().stream().filter(link -> !link.isArmed()).toList();
    if (kind == FaultKind.STALL) {
      return free.stream().filter(ConnectionFaults::isReceiver).toList();
    }
    int turn = cuts++ % 3;
    List<ProxyLink> ofTurn = free.stream()
        .filter(link -> switch (turn) {
          case 0 -> isReceiver(link);
          case 1 -> !link.carriesFrames();
          default -> link.carriesFrames() && !isReceiver(link);
        })
        .toList();
    return ofTurn.isEmpty() ? free : ofTurn;
  }

  private static boolean isReceiver(ProxyLink link) {
    return link.device().startsWith(Cast.RECEIVER_PREFIX);
  }
}
