package io.gochat.bench.jmh;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.FanOut.Subscriber;
import io.gochat.server.registry.FanOutOptions;
import io.gochat.server.registry.SweepingFanOut;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a change of membership costs while so many others are there. One random member per operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RegistryBenchmark {
  private static final long SEED = 42;

  /** Members of the room, and connections of the registry. */
  @Param({"1000", "10000", "100000"})
  public int members;

  private final Topic room = Topic.room(Samples.ROOM);
  private final ConnectionRegistry registry = new ConnectionRegistry(0);
  private SplittableRandom random = new SplittableRandom(SEED);
  private BenchConnection[] connections = {};
  private Subscriber[] subscribers = {};

  /** Joins everybody. They share one channel that nothing is ever written to. */
  @Setup
  public void join() {
    random = new SplittableRandom(SEED);
    EmbeddedChannel channel = new EmbeddedChannel();
    SweepingFanOut fanOut = new SweepingFanOut(
        new StubLog(),
        List.of(channel.eventLoop()),
        FanOutOptions.DEFAULT,
        new Budgets(Budgets.Limits.DEFAULT, new SimpleMeterRegistry()),
        new SimpleMeterRegistry());
    connections = new BenchConnection[members];
    subscribers = new Subscriber[members];
    for (int i = 0; i < members; i++) {
      connections[i] = new BenchConnection(channel, i + 1);
      registry.register(connections[i]);
      subscribers[i] = fanOut.open(connections[i]);
      subscribers[i].attach(room, StubLog.EPOCH, 1);
      channel.runPendingTasks();
    }
  }

  /** A leave and a join of the same room. */
  @Benchmark
  public void leaveAndJoinRoom() {
    Subscriber subscriber = subscribers[random.nextInt(members)];
    subscriber.detach(room);
    subscriber.attach(room, StubLog.EPOCH, 1);
  }

  /** A connection that goes and comes back. */
  @Benchmark
  public boolean unregisterAndRegister() {
    BenchConnection connection = connections[random.nextInt(members)];
    registry.unregister(connection);
    return registry.register(connection);
  }
}
