package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.RunHistory.Outcome;
import io.gochat.bench.verify.RunHistory.Submission;
import io.gochat.client.ChatClient;
import io.gochat.client.ChatException;
import io.gochat.client.Published;
import io.gochat.client.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Publishes over frames, several values at a time, and leaves the retrying to the SDK. Its thread only paces; the
 * answers come on the SDK's threads.
 */
final class SdkPublisher implements Publisher {
  private static final int WINDOW = 16;
  private static final int MAX_FILLER_CHARS = 400;

  private final String name;
  private final List<Destination> targets;
  private final RunRecorder recorder;
  private final Pace pace;
  private final Random random;
  private final ChatClient client;
  private final Semaphore window = new Semaphore(WINDOW);
  private final Thread thread;
  private volatile boolean stopping;

  SdkPublisher(
      String name,
      Door door,
      HttpApi.User user,
      List<Destination> targets,
      RunRecorder recorder,
      Pace pace,
      long seed) {
    this.name = name;
    this.targets = targets;
    this.recorder = recorder;
    this.pace = pace;
    this.random = new Random(seed);
    this.client = ChatClient.create(door.client()
        .token(user.token())
        .deviceId("pub-" + name)
        .clientName("gochat-verify")
        .backoff(Duration.ofMillis(50), Duration.ofMillis(800))
        .publishExpiry(Duration.ofMinutes(5))
        .publishesInFlightPerTopic(random.nextBoolean() ? 1 : 8)
        .build());
    this.thread = new Thread(this::publishAll, "publisher-" + name);
  }

  @Override
  public void start() {
    client.connect();
    thread.start();
  }

  @Override
  public void stop() {
    stopping = true;
  }

  @Override
  public void finish(long deadlineMs) throws InterruptedException {
    long begun = System.nanoTime();
    thread.join(deadlineMs);
    long left = Math.max(1, deadlineMs - (System.nanoTime() - begun) / 1_000_000);
    boolean answered = window.tryAcquire(WINDOW, left, TimeUnit.MILLISECONDS);
    // Whatever is open now fails as closed, and its outcome stays unknown.
    client.close();
    if (!answered) {
      thread.interrupt();
      thread.join();
    }
  }

  private void publishAll() {
    long counter = 0;
    try {
      while (!stopping) {
        window.acquire();
        counter++;
        publish(counter);
        pace.await(random);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish(long counter) {
    Destination target = targets.get(random.nextInt(targets.size()));
    String value = name + "-" + counter;
    String text = Destination.textOf(value, random.nextInt(MAX_FILLER_CHARS));
    Topic topic = target.isRoom() ? Topic.room(target.id()) : Topic.user(target.id());
    recorder.begun(value);
    client.publish(topic, text, value).whenComplete((published, failure) -> {
      recorder.submitted(submission(value, counter, target, published, failure));
      window.release();
    });
  }

  private Submission submission(
      String value,
      long counter,
      Destination target,
      @Nullable Published published,
      @Nullable Throwable failure) {
    if (published == null) {
      return new Submission(value, name, counter, target.toString(), outcome(failure), 0, 0);
    }
    return new Submission(
        value,
        name,
        counter,
        target.toString(),
        Outcome.ACCEPTED,
        published.seq(),
        published.messageId());
  }

  private static Outcome outcome(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    if (!(cause instanceof ChatException refusal)) {
      return Outcome.REFUSED;
    }
    return switch (refusal.failure()) {
      case CLOSED, EXPIRED, STORE_UNAVAILABLE, OVERLOADED, TOO_MANY, UNREACHABLE -> Outcome.UNKNOWN;
      default -> Outcome.REFUSED;
    };
  }
}
