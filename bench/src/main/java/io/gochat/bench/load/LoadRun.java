package io.gochat.bench.load;

import io.gochat.bench.load.LoadPlan.Scenario;
import io.gochat.bench.load.PhaseRecorder.Counters;
import io.gochat.bench.load.UserPool.User;
import io.gochat.bench.process.ProcessProbe;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of a scenario that pushes messages: connects everybody, publishes in phases, waits for what is
 * missing, and adds up. Confined to the calling thread; the connections live on {@link Loops}.
 */
final class LoadRun implements AutoCloseable {
  private static final int CONNECTS_AT_ONCE = 128;
  private static final long SAMPLE_NS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long POLL_MS = 20;
  private static final long ENDING_NS = TimeUnit.SECONDS.toNanos(1);

  private final LoadPlan plan;
  private final List<User> users;
  private final @Nullable ProcessProbe server;
  private final ProgressLine progress;
  private final Ending ending;
  private final Loops loops;
  private final List<TopicPlan> topics = new ArrayList<>();
  private final List<FramePublisherConnection> framePublishers = new ArrayList<>();
  private final List<PublisherConnection> outlets = new ArrayList<>();
  private final Pacer pace;
  private final LoadClock shared;
  private @Nullable SlowMembers slow;

  /** For {@code plan.usersNeeded()} accounts that are signed in, in rooms from {@code roomBase} on. */
  LoadRun(
      LoadPlan plan,
      List<User> users,
      long roomBase,
      @Nullable ProcessProbe server,
      ProgressLine progress,
      Ending ending) {
    this.plan = plan;
    this.users = users;
    this.server = server;
    this.progress = progress;
    this.ending = ending;
    this.loops = new Loops(plan.loops(), plan.via());
    for (int i = 0; i < plan.shape().rooms(); i++) {
      topics.add(
          isToInboxes() ? TopicPlan.inbox(users.get(i).id()) : TopicPlan.room(roomBase + i + 1));
    }
    this.pace = new Pacer(
        loops.publisher(),
        plan,
        topics.size(),
        () -> loops.receivers().stream().mapToLong(ReceiverLoop::deliveries).sum());
    this.shared = new LoadClock(
        new Stamp(ThreadLocalRandom.current().nextInt(), plan.textBytes()), pace, ending);
  }

  /** Runs the scenario once; the result as {@link Results} describes it. */
  Map<String, @Nullable Object> run(String password) throws InterruptedException {
    connect();
    if (slow != null) {
      return runSlow(slow);
    }
    List<@Nullable Object> phases = new ArrayList<>();
    if (plan.scenario() == Scenario.LOGIN) {
      phases.add(phase("without storm"));
      if (!ending.isDue(server)) {
        phases.add(besideStorm(password));
      }
    } else {
      phases.add(phase("measured"));
    }
    Violations violations = finish();
    progress.done();
    return Results.of(plan, phases, violations, notes());
  }

  /** Connects everybody; once, first. */
  void connect() throws InterruptedException {
    if (plan.scenario() == Scenario.SLOW) {
      slow = SlowMembers.join(loops, plan, shared, topics.get(0), users);
    }
    openReceivers();
    openPublishers();
  }

  /** A phase beside a storm of logins. */
  Map<String, @Nullable Object> besideStorm(String password) throws InterruptedException {
    LoginStorm storm =
        new LoginStorm(plan.target(), users, password, plan.pace().storm());
    Map<String, @Nullable Object> stormy;
    try (storm) {
      stormy = phase("beside the storm");
    }
    stormy.put("storm", storm.toJson());
    return stormy;
  }

  private Map<String, @Nullable Object> runSlow(SlowMembers members) throws InterruptedException {
    SlowRun run = new SlowRun(plan, members, server, shared, ending, name -> {
      PhaseRecorder recorder = new PhaseRecorder(loops, pace, server);
      return new MeasuredPhase(phase(name, recorder), recorder);
    });
    run.run();
    Violations violations = finish();
    progress.done();
    if (!run.hasPairs()) {
      return Results.of(plan, List.of(), violations, shared.notes());
    }
    Map<String, @Nullable Object> result =
        Results.of(plan, run.phases(), violations, shared.notes());
    result.put("slow", run.toJson());
    return result;
  }

  /** What went wrong, in words. */
  Map<String, Integer> notes() {
    return shared.notes();
  }

  @Override
  public void close() {
    progress.done();
    loops.close();
  }

  private boolean isToInboxes() {
    return plan.scenario() == Scenario.DIRECT
        || (plan.scenario() == Scenario.HTTP && plan.shape().members() == 0);
  }

  /** Whose token publisher {@code index} uses; never a recipient's, or it would be sent its own inbox twice. */
  private User publishingUser(int index) {
    int first = isToInboxes() ? topics.size() : 0;
    return users.get(first + index % (users.size() - first));
  }

  private void openReceivers() throws InterruptedException {
    int count = plan.shape().receivers() - (slow == null ? 0 : SlowMembers.COUNT);
    List<CompletableFuture<Integer>> pending = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int topicIndex = i % topics.size();
      TopicPlan topic = topics.get(topicIndex);
      User user = topic.isInbox() ? users.get(topicIndex) : users.get(i % users.size());
      ReceiverLoop loop = loops.receivers().get(i % loops.receivers().size());
      ReceiverConnection receiver = new ReceiverConnection(loop, shared, topic, user);
      loop.eventLoop.execute(() -> loop.receivers.add(receiver));
      // The members of one room are spread over the nodes, whatever the number of rooms.
      ServerAddress node = plan.target(i / topics.size() + topicIndex);
      connect(loop.eventLoop, node, i, receiver, receiver.ready());
      pending.add(receiver.ready());
      if (i >= CONNECTS_AT_ONCE) {
        Loops.await(pending.get(i - CONNECTS_AT_ONCE));
        if (i % 100 == 0) {
          progress.say("connecting: " + i + " of " + count);
        }
      }
    }
    int heartbeatMs = 0;
    for (CompletableFuture<Integer> ready : pending) {
      heartbeatMs = Loops.await(ready);
    }
    startPings(heartbeatMs);
  }

  private void startPings(int heartbeatMs) {
    if (heartbeatMs > 0) {
      loops.receivers().forEach(loop -> loop.startPings(heartbeatMs));
      if (slow != null) {
        slow.loop().startPings(heartbeatMs);
      }
    }
  }

  private void openPublishers() throws InterruptedException {
    List<CompletableFuture<Integer>> pending = new ArrayList<>();
    for (int i = 0; i < plan.shape().publishers(); i++) {
      String token = publishingUser(i).token();
      if (plan.scenario() == Scenario.HTTP) {
        HttpPublisherConnection publisher =
            new HttpPublisherConnection(shared, topics, plan.target(i).text(), token, pace);
        outlets.add(publisher);
        pending.add(publisher.ready());
        connect(loops.publisher(), plan.target(i), i, publisher, publisher.ready());
      } else {
        FramePublisherConnection publisher =
            new FramePublisherConnection(shared, topics, token, pace);
        outlets.add(publisher);
        framePublishers.add(publisher);
        pending.add(publisher.ready());
        connect(loops.publisher(), plan.target(i), i, publisher, publisher.ready());
      }
    }
    int heartbeatMs = 0;
    for (CompletableFuture<Integer> ready : pending) {
      heartbeatMs = Loops.await(ready);
    }
    loops.publisher().execute(() -> outlets.forEach(pace::add));
    if (heartbeatMs > 0) {
      pingEvery(heartbeatMs);
    }
  }

  private void pingEvery(int heartbeatMs) {
    loops
        .publisher()
        .scheduleAtFixedRate(
            () -> framePublishers.forEach(FramePublisherConnection::ping),
            heartbeatMs,
            heartbeatMs,
            TimeUnit.MILLISECONDS);
  }

  private void connect(
      EventLoop loop,
      ServerAddress target,
      int index,
      ChannelHandler handler,
      CompletableFuture<Integer> ready) {
    loops.connect(loop, target, plan, index, handler).addListener(done -> {
      Throwable cause = done.cause();
      if (cause != null) {
        ready.completeExceptionally(
            new LoadFailure("cannot connect to " + target.text() + ": " + cause.getMessage()));
      }
    });
  }

  /** Publishes for the planned time, waits for what is missing, and adds up. */
  Map<String, @Nullable Object> phase(String name) throws InterruptedException {
    return phase(name, new PhaseRecorder(loops, pace, server));
  }

  private Map<String, @Nullable Object> phase(String name, PhaseRecorder recorder)
      throws InterruptedException {
    try (LagProbe probe = new LagProbe()) {
      long startNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
      long fromNs = startNs + plan.pace().ramp().plus(plan.pace().warmup()).toNanos();
      long toNs = startNs + plan.pace().totalNs();
      shared.measure(fromNs, toNs);
      long sentBefore = pace.sent();
      long acceptedBefore = pace.accepted();
      pace.start(shared, startNs, toNs);
      sampleUntil(fromNs, recorder, name, fromNs);
      probe.take();
      recorder.lateness().reset();
      Counters from = recorder.counters();
      sampleUntil(toNs, recorder, name, fromNs);
      if (ending.isDue(server)) {
        onPublisher(pace::end);
      }
      Counters to = recorder.counters();
      org.HdrHistogram.Histogram lag = probe.take();
      long unsent = onPublisher(pace::unsent);
      settle();
      recorder.sample(fromNs);
      Map<String, Long> refusals = new TreeMap<>(onPublisher(pace::refusals));
      return Results.phase(plan, name, recorder, from, to)
          .messages(
              pace.sent() - sentBefore, pace.accepted() - acceptedBefore, pace.unanswered(), unsent)
          .refusals(refusals)
          .lag(lag)
          .build();
    }
  }

  private void sampleUntil(long untilNs, PhaseRecorder recorder, String name, long zeroNs)
      throws InterruptedException {
    for (long leftNs = untilNs - System.nanoTime();
        leftNs > 0 && !ending.isDue(server);
        leftNs = untilNs - System.nanoTime()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(leftNs, SAMPLE_NS));
      recorder.sample(zeroNs);
      progress.sample(
          name,
          (System.nanoTime() - zeroNs) / 1e9,
          plan.pace().measured().toNanos() / 1e9,
          recorder.newest());
    }
  }

  /** Waits until every message is answered and everywhere, or nothing moves any more. */
  private void settle() throws InterruptedException {
    long allowedNs = ending.isDue(server) ? ENDING_NS : plan.pace().settle().toNanos();
    long best = Long.MAX_VALUE;
    long movedNs = System.nanoTime();
    while (System.nanoTime() - movedNs < allowedNs) {
      long open = pace.unanswered() + behind();
      if (open == 0) {
        return;
      }
      if (open < best) {
        best = open;
        movedNs = System.nanoTime();
      }
      progress.say("waiting for " + open + " deliveries and answers");
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
  }

  private long behind() throws InterruptedException {
    long behind = 0;
    for (ReceiverLoop loop : loops.receivers()) {
      behind += Loops.on(
          loop.eventLoop,
          () -> loop.receivers.stream()
              .mapToLong(receiver -> receiver.behind(receiver.topic().lastSeq()))
              .sum());
    }
    return behind;
  }

  /** What the receivers saw; after the last phase. */
  Violations finish() throws InterruptedException {
    Violations all = new Violations();
    List<ReceiverLoop> receiving = new ArrayList<>(loops.receivers());
    if (slow != null) {
      receiving.add(slow.loop());
    }
    for (ReceiverLoop loop : receiving) {
      all.add(Loops.on(loop.eventLoop, () -> {
        loop.receivers.forEach(receiver -> receiver.finish(receiver.topic().lastSeq()));
        return loop.violations;
      }));
    }
    onPublisher(() -> {
      outlets.forEach(PublisherConnection::close);
      return 0;
    });
    return all;
  }

  private <T> T onPublisher(Callable<T> task) throws InterruptedException {
    return Loops.on(loops.publisher(), task);
  }
}
