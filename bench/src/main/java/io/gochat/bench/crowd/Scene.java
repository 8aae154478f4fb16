package io.gochat.bench.crowd;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.common.Json;
import io.gochat.bench.websocket.Via;
import io.gochat.protocol.Topic;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Who plays in a row, what there is for them to read, and what must be true in the end. Confined to the calling thread. */
final class Scene {
  private static final long ROOM = 9;
  private static final int LARGE = 64;
  private static final int LARGE_CHARS = 16_000;
  private static final int SMALL = 10_000;
  private static final int SMALL_CHARS = 200;
  private static final int CONTROLS = 18;
  private static final int BODY_BYTES = 102_400;
  private static final int FETCHES = 4;
  private static final int SENDERS = 16;
  private static final String FIRST = "accepted before the flood";

  private final CrowdRow row;
  private final int size;
  private final Approach approach;
  private final HttpApi api;
  private final String password;
  private final AnswerCounts answers;
  private final HttpApi.User user;
  private final HttpApi.User victim;

  Scene(
      CrowdRow row, int size, Approach approach, HttpApi api, String password, AnswerCounts answers)
      throws IOException, InterruptedException {
    this.row = row;
    this.size = size;
    this.approach = approach;
    this.api = api;
    this.password = password;
    this.answers = answers;
    this.user = api.signIn("crowd", password);
    this.victim = api.signIn("victim", password);
  }

  Approach approach() {
    return approach;
  }

  /** Publishes what is to be read. */
  void prepare() throws IOException, InterruptedException {
    switch (row) {
      case REPLAY, FETCH -> fill("x".repeat(LARGE_CHARS), LARGE);
      case ROOM -> fill("x".repeat(SMALL_CHARS), SMALL);
      case HISTORY -> fill("\u0001".repeat(LARGE_CHARS), CONTROLS);
      case INBOX -> {
        HttpApi.User early = api.signIn("early", password);
        api.post(
            "/push/push", Map.of("token", early.token(), "to_user_id", victim.id(), "msg", FIRST));
      }
      default -> {
        // Nothing is read.
      }
    }
  }

  private void fill(String text, int count) throws IOException {
    AnswerCounts told = new AnswerCounts();
    try (Stock stock = new Stock(approach.server(), user.token(), told)) {
      stock.publish(Topic.newBuilder().setRoomId(ROOM).build(), text, count);
    }
    if (told.count("Published") != count) {
      throw new IOException("the room could not be filled: " + told.all());
    }
  }

  /** The crowd comes. */
  void enter(Crowd crowd) throws IOException, InterruptedException {
    AtomicInteger names = new AtomicInteger();
    switch (row) {
      case REPLAY -> crowd.open(size, i -> member(crowd, LARGE, 0));
      case ROOM -> crowd.open(size, i -> member(crowd, SMALL, 0));
      case FETCH -> crowd.open(size, i -> member(crowd, LARGE, FETCHES));
      case HISTORY -> {
        byte[] request = HttpMember.request("/push/history", history(), 0);
        crowd.open(size, i -> new HttpMember(crowd, answers, () -> request, false));
      }
      case BODIES -> {
        byte[] request = HttpMember.request("/user/login", longLogin(), 1);
        crowd.open(size, i -> new HttpMember(crowd, answers, () -> request, false));
      }
      case FRAMES ->
        crowd.open(
            size,
            i -> approach.via() == Via.WS
                ? new UnfinishedMessage(answers)
                : new UnfinishedFrame(answers));
      case LOGINS -> {
        byte[] request = HttpMember.request("/user/login", credentials("crowd"), 0);
        crowd.open(size, i -> new HttpMember(crowd, answers, () -> request, true));
      }
      case REGISTRATIONS ->
        crowd.open(
            size,
            i -> new HttpMember(
                crowd,
                answers,
                () -> HttpMember.request(
                    "/user/register", credentials("crowd-" + names.incrementAndGet()), 0),
                true));
      case INBOX -> flood();
    }
  }

  private FrameMember member(Crowd crowd, long last, int fetches) {
    return new FrameMember(crowd, answers, user.token(), ROOM, last, fetches);
  }

  private String history() {
    return Json.line(Map.of("token", user.token(), "room_id", ROOM, "after_seq", 0, "limit", 100));
  }

  private String credentials(String name) {
    return Json.line(Map.of("username", name, "password", password));
  }

  private static String longLogin() {
    String start = "{\"username\":\"nobody\",\"password\":\"";
    return start + "x".repeat(BODY_BYTES - start.length() - 2) + "\"}";
  }

  private void flood() throws IOException, InterruptedException {
    Topic inbox = Topic.newBuilder().setUserId(victim.id()).build();
    ExecutorService executor = Executors.newFixedThreadPool(SENDERS);
    try {
      List<Future<?>> senders = IntStream.range(0, SENDERS)
          .<Future<?>>mapToObj(i -> executor.submit(() -> {
            try (Stock stock = new Stock(approach.server(), user.token(), answers)) {
              stock.publish(inbox, "spam", size / SENDERS + (i < size % SENDERS ? 1 : 0));
            }
            return null;
          }))
          .toList();
      for (Future<?> sender : senders) {
        sender.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("the flood broke off", e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  /** What must be true of the row's own subject. */
  void judge(List<String> failures) throws IOException, InterruptedException {
    if (row != CrowdRow.INBOX) {
      return;
    }
    HttpApi.Answer inbox = api.post(
        "/push/history",
        Map.of("token", victim.token(), "inbox", true, "after_seq", 0, "limit", 1));
    boolean isThere =
        inbox.objects("messages").stream().anyMatch(message -> FIRST.equals(message.get("msg")));
    if (!isThere) {
      failures.add("an unread message that was accepted before the flood is gone");
    }
  }
}
