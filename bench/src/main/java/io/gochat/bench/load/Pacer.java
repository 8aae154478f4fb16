package io.gochat.bench.load;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Says when messages are sent. Confined to the publishing loop, except for the counters, the take methods and
 * {@link #advanced()}.
 *
 * <p>With a rate it is an open loop: message i of an outlet is due at a time fixed beforehand, whatever the server does,
 * and carries that time. When the outlet may not send (too much unanswered), the message goes out late with its old
 * stamp, so that a stalled server shows up as latency and not as fewer samples. Without a rate it keeps a window of
 * messages that not all receivers have yet.
 */
final class Pacer implements PublisherConnection.Answers, LoadClock.Flow {
  private static final long MIN_NAP_NS = 50_000;
  private static final int BURST = 32;

  private final EventLoop loop;
  private final LoadPlan plan;
  private final int topics;
  private final LongSupplier deliveries;
  private final List<PublisherConnection> outlets = new ArrayList<>();
  private final SingleWriterRecorder answerNs = new SingleWriterRecorder(ReceiverLoop.MAX_NS, 3);
  private final SingleWriterRecorder latenessNs = new SingleWriterRecorder(ReceiverLoop.MAX_NS, 3);
  private final Map<String, Long> refusals = new TreeMap<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  private long[] nextIndex = {};
  private long startNs;
  private long endNs;
  private long periodNs;
  private long rampNs;
  private boolean running;
  private int turn;
  private int topicTurn;
  // Read by the receiving loops to see whether a wake-up is worth its cost.
  private volatile boolean isWaitingForReceivers;
  private @Nullable CompletableFuture<Void> over;
  private @Nullable LoadClock clock;

  Pacer(EventLoop loop, LoadPlan plan, int topics, LongSupplier deliveries) {
    this.loop = loop;
    this.plan = plan;
    this.topics = topics;
    this.deliveries = deliveries;
  }

  /** Adds a connection to publish on; before {@link #start}. On the loop. */
  void add(PublisherConnection outlet) {
    outlets.add(outlet);
  }

  /** Publishes from {@code fromNs} until {@code toNs}; done when the time is over. Any thread. */
  CompletableFuture<Void> start(LoadClock shared, long fromNs, long toNs) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    loop.execute(() -> {
      clock = shared;
      startNs = fromNs;
      endNs = toNs;
      over = future;
      running = true;
      rampNs = plan.pace().ramp().toNanos();
      periodNs = plan.pace().isOpenLoop() ? Math.round(1e9 / plan.pace().perSecond()) : 0;
      nextIndex = new long[outlets.size()];
      for (int i = 0; i < nextIndex.length; i++) {
        nextIndex[i] = i;
      }
      loop.schedule(
          () -> tick(fromNs), Math.max(0, fromNs - System.nanoTime()), TimeUnit.NANOSECONDS);
      loop.schedule(this::stop, toNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    });
    return future;
  }

  /** Messages sent so far. Any thread. */
  long sent() {
    return sent.get();
  }

  /** Messages accepted so far. Any thread. */
  long accepted() {
    return accepted.get();
  }

  /** Messages that were refused so far. Any thread. */
  long refused() {
    return refused.get();
  }

  /** Messages without an answer. Any thread. */
  long unanswered() {
    return sent() - accepted() - refused();
  }

  /** Refusals by code. On the loop. */
  Map<String, Long> refusals() {
    return new TreeMap<>(refusals);
  }

  /** Messages that were due and could not be sent. On the loop. */
  long unsent() {
    if (periodNs == 0) {
      return 0;
    }
    long due = dueUntil(Math.min(endNs, System.nanoTime()));
    long missed = 0;
    for (long next : nextIndex) {
      missed += Math.max(0, (due - next + nextIndex.length - 1) / nextIndex.length);
    }
    return missed;
  }

  /** Time to the answer in ns, since the last call. One other thread. */
  Histogram takeAnswers(@Nullable Histogram recycled) {
    return answerNs.getIntervalHistogram(recycled);
  }

  /** How late this client was by its own fault in ns, since the last call. One other thread. */
  Histogram takeLateness(@Nullable Histogram recycled) {
    return latenessNs.getIntervalHistogram(recycled);
  }

  @Override
  public void advanced() {
    // Set before the last look at the deliveries in fill(), read after the count was made visible:
    // one of the two sees
    // the other.
    if (isWaitingForReceivers && isRefillDue()) {
      isWaitingForReceivers = false;
      loop.execute(this::fill);
    }
  }

  @Override
  public void accepted(long intendedNs) {
    accepted.lazySet(accepted.getPlain() + 1);
    if (clock != null && clock.isMeasured(intendedNs)) {
      answerNs.recordValue(
          Math.min(ReceiverLoop.MAX_NS, Math.max(0, System.nanoTime() - intendedNs)));
    }
  }

  @Override
  public void refused(String code) {
    refused.lazySet(refused.getPlain() + 1);
    refusals.merge(code, 1L, Long::sum);
  }

  @Override
  public void ready(PublisherConnection outlet) {
    if (!running) {
      return;
    }
    if (periodNs == 0) {
      fill();
    } else {
      int index = outlets.indexOf(outlet);
      if (index >= 0) {
        sendDue(index, System.nanoTime());
      }
    }
  }

  private void tick(long scheduledNs) {
    if (!running) {
      return;
    }
    if (periodNs == 0) {
      fill();
      return;
    }
    long nowNs = System.nanoTime();
    latenessNs.recordValue(Math.min(ReceiverLoop.MAX_NS, Math.max(0, nowNs - scheduledNs)));
    long nextNs = Long.MAX_VALUE;
    for (int i = 0; i < outlets.size(); i++) {
      nextNs = Math.min(nextNs, sendDue(i, nowNs));
    }
    // What an outlet could not send goes out when it is ready again; here only the clock matters.
    long wakeNs = Math.max(nextNs, nowNs + MIN_NAP_NS);
    loop.schedule(() -> tick(wakeNs), wakeNs - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  /** Sends what is due on one outlet; returns when its next message is due that is not late already. */
  private long sendDue(int index, long nowNs) {
    PublisherConnection outlet = outlets.get(index);
    long i = nextIndex[index];
    boolean wrote = false;
    while (dueNs(i) <= nowNs && dueNs(i) < endNs && outlet.isReady()) {
      outlet.send((int) (i % topics), dueNs(i));
      sent.lazySet(sent.getPlain() + 1);
      wrote = true;
      i += outlets.size();
    }
    nextIndex[index] = i;
    if (wrote) {
      outlet.flush();
    }
    long behind = Math.max(0, (dueUntil(nowNs) - i) / outlets.size() + 1);
    return dueNs(i) > nowNs ? dueNs(i) : dueNs(i + behind * outlets.size());
  }

  /** When a message is due: in even steps, and before that, while the rate grows, ever closer together. */
  private long dueNs(long index) {
    double inRamp = messagesInRamp();
    double sinceNs =
        index < inRamp ? rampNs * Math.sqrt(index / inRamp) : rampNs + (index - inRamp) * periodNs;
    return startNs + (long) sinceNs;
  }

  /** How many are due until then. */
  private long dueUntil(long ns) {
    double sinceNs = Math.max(0, ns - startNs);
    double inRamp = messagesInRamp();
    double count = sinceNs < rampNs
        ? inRamp * (sinceNs / rampNs) * (sinceNs / rampNs)
        : inRamp + (sinceNs - rampNs) / periodNs;
    return (long) count;
  }

  /** Half of what the full rate would send in that time. */
  private double messagesInRamp() {
    return rampNs / 2.0 / periodNs;
  }

  private void fill() {
    if (!running) {
      return;
    }
    isWaitingForReceivers = true;
    // Refilled in bursts, so that a server may batch; each burst is as large as half the window.
    boolean blocked = !isRefillDue();
    while (!blocked && System.nanoTime() < endNs) {
      isWaitingForReceivers = false;
      blocked = !burst();
      isWaitingForReceivers = true;
      blocked &= !isRefillDue() || !anyReady();
    }
    isWaitingForReceivers = true;
  }

  /** Sends up to the window; false when nothing could be sent. */
  private boolean burst() {
    int room = (int) Math.min(BURST * 4L, plan.pace().window() - outstanding());
    int wrote = 0;
    int refusedTurns = 0;
    long nowNs = System.nanoTime();
    while (wrote < room && refusedTurns < outlets.size()) {
      PublisherConnection outlet = outlets.get(turn);
      turn = turn + 1 == outlets.size() ? 0 : turn + 1;
      if (outlet.isReady()) {
        outlet.send(topicTurn, nowNs);
        topicTurn = topicTurn + 1 == topics ? 0 : topicTurn + 1;
        sent.lazySet(sent.getPlain() + 1);
        wrote++;
        refusedTurns = 0;
      } else {
        refusedTurns++;
      }
    }
    if (wrote > 0) {
      outlets.forEach(PublisherConnection::flush);
    }
    return wrote > 0;
  }

  private boolean anyReady() {
    for (PublisherConnection outlet : outlets) {
      if (outlet.isReady()) {
        return true;
      }
    }
    return false;
  }

  private boolean isRefillDue() {
    return outstanding() <= plan.pace().window() / 2;
  }

  /** Messages that not all receivers have yet; without receivers those without an answer. */
  private long outstanding() {
    int members = plan.shape().members();
    if (members == 0) {
      return unanswered();
    }
    return sent.get() - refused.get() - deliveries.getAsLong() / members;
  }

  /** Sends nothing more. On the loop. */
  boolean end() {
    endNs = Math.min(endNs, System.nanoTime());
    stop();
    return true;
  }

  private void stop() {
    running = false;
    isWaitingForReceivers = false;
    if (over != null) {
      over.complete(null);
    }
  }
}
