package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.verify.RunHistory.Outcome;
import io.gochat.bench.verify.RunHistory.Submission;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes over HTTP on a thread of its own: one value at a time, each retried with its {@code client_message_id}
 * until it is answered; now and then one is abandoned after a failure, so that open outcomes are tested too.
 */
final class HttpPublisher implements Publisher {
  private static final double ABANDONED = 0.05;
  private static final int MAX_FILLER_CHARS = 400;

  private final String name;
  private final HttpApi api;
  private final HttpApi.User user;
  private final List<Destination> targets;
  private final RunRecorder recorder;
  private final Pace pace;
  private final Random random;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean givingUp;

  HttpPublisher(
      String name,
      HttpApi api,
      HttpApi.User user,
      List<Destination> targets,
      RunRecorder recorder,
      Pace pace,
      long seed) {
    this.name = name;
    this.api = api;
    this.user = user;
    this.targets = targets;
    this.recorder = recorder;
    this.pace = pace;
    this.random = new Random(seed);
    this.thread = new Thread(this::publishAll, "publisher-" + name);
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void stop() {
    stopping = true;
  }

  @Override
  public void finish(long deadlineMs) throws InterruptedException {
    thread.join(deadlineMs);
    givingUp = true;
    thread.interrupt();
    thread.join();
  }

  private void publishAll() {
    long counter = 0;
    while (!stopping) {
      counter++;
      Destination target = targets.get(random.nextInt(targets.size()));
      String value = name + "-" + counter;
      Map<String, Object> body = body(target, value);
      recorder.submitted(publish(target, value, counter, body));
      pace.await(random);
    }
  }

  private Map<String, Object> body(Destination target, String value) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("msg", Destination.textOf(value, random.nextInt(MAX_FILLER_CHARS)));
    body.put("to_user_id", target.isRoom() ? 0 : target.id());
    body.put("to_user_name", "");
    body.put("from_user_id", user.id());
    body.put("from_user_name", user.name());
    body.put("room_id", target.isRoom() ? target.id() : 0);
    body.put("token", user.token());
    body.put("client_message_id", value);
    return body;
  }

  private Submission publish(
      Destination target, String value, long counter, Map<String, Object> body) {
    String path = target.isRoom() ? "/push/pushRoom" : "/push/push";
    recorder.begun(value);
    while (true) {
      try {
        HttpApi.Answer answer = api.post(path, body);
        if (answer.status() == 200) {
          if (answer.isTrue("duplicate")) {
            recorder.answeredAsDuplicate();
          }
          return submission(
              target,
              value,
              counter,
              Outcome.ACCEPTED,
              answer.number("seq"),
              answer.number("message_id"));
        }
        if (answer.status() != 503 && answer.status() != 429) {
          return submission(target, value, counter, Outcome.REFUSED, 0, 0);
        }
      } catch (IOException e) {
        // Nobody knows whether it was stored: the same again, with the same id.
        if (random.nextDouble() < ABANDONED) {
          return submission(target, value, counter, Outcome.UNKNOWN, 0, 0);
        }
      } catch (InterruptedException e) {
        givingUp = true;
      }
      if (givingUp) {
        return submission(target, value, counter, Outcome.UNKNOWN, 0, 0);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(80)));
    }
  }

  private Submission submission(
      Destination target, String value, long counter, Outcome outcome, long seq, long messageId) {
    return new Submission(value, name, counter, target.toString(), outcome, seq, messageId);
  }
}
