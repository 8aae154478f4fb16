package io.gochat.bench.chat;

import io.gochat.client.ChatClient;
import io.gochat.client.ConnectionState;
import io.gochat.client.Gap;
import io.gochat.client.History;
import io.gochat.client.Member;
import io.gochat.client.Message;
import io.gochat.client.Presence;
import io.gochat.client.Topic;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * What the terminal client does with typed lines and with what the SDK tells. Listeners are called on the SDK's
 * threads, {@link #handle} on the reading thread; the state that they share is thread-safe.
 */
final class ChatSession {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MM-dd HH:mm");
  private static final int FIRST_HISTORY = 20;
  private static final long FLUSH_SECONDS = 15;

  private final ChatClient client;
  private final DirectMessages direct;
  private final Screen screen;
  private final Map<Long, CompletableFuture<?>> open = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final CompletableFuture<ConnectionState> closed = new CompletableFuture<>();
  private volatile long room;
  private volatile boolean wasConnected;
  private volatile boolean failed;

  ChatSession(ChatClient client, DirectMessages direct, Screen screen) {
    this.client = client;
    this.direct = direct;
    this.screen = screen;
    client.onMessage(this::show).onPresence(this::presence).onGap(this::gap).onState(this::state);
  }

  /** Completes when the client has closed for good, with its last state. */
  CompletableFuture<ConnectionState> closed() {
    return closed;
  }

  /** Whether something that was typed could not be done. */
  boolean failed() {
    return failed;
  }

  /** Joins a room, shows what was said there last, and talks there from now on. */
  void enter(long roomId) {
    room = roomId;
    screen.prompt("room " + roomId + "> ");
    track(client.join(roomId).thenCompose(joined -> {
      screen.note(
          "room " + roomId + ", " + people(joined.memberCount()) + "; /help lists the commands");
      return showHistory(joined.nextSeq() - 1, FIRST_HISTORY);
    }));
  }

  /** Does what the line asks for; false: it was the last. */
  boolean handle(Input input) throws InterruptedException {
    if (input instanceof Input.Quit) {
      return false;
    }
    if (input instanceof Input.Say say) {
      say(say.text());
    } else if (input instanceof Input.Direct message) {
      sendDirect(message);
    } else if (input instanceof Input.Join join) {
      enter(join.roomId());
    } else if (input instanceof Input.Leave) {
      leave();
    } else if (input instanceof Input.Who) {
      who();
    } else if (input instanceof Input.History history) {
      history(history.count());
    } else if (input instanceof Input.Help) {
      help();
    } else if (input instanceof Input.Mistake mistake) {
      failed = true;
      screen.note(mistake.why());
    }
    return true;
  }

  /** Waits until everything that was typed is answered. */
  void flush() throws InterruptedException {
    CompletableFuture<?>[] pending = open.values().toArray(new CompletableFuture<?>[0]);
    CompletableFuture<Void> all =
        CompletableFuture.allOf(pending).completeOnTimeout(null, FLUSH_SECONDS, TimeUnit.SECONDS);
    all.exceptionally(failure -> null).join();
    if (!open.isEmpty()) {
      failed = true;
      screen.note(open.size() + " requests were not answered");
    }
  }

  private void say(String text) {
    if (room == 0) {
      failed = true;
      screen.note("you are in no room; /join ROOM");
      return;
    }
    track(client.publish(Topic.room(room), text));
  }

  private void sendDirect(Input.Direct message) throws InterruptedException {
    String problem = direct.send(message.username(), message.text());
    if (problem.isEmpty()) {
      screen.note("to " + message.username() + ": " + message.text());
    } else {
      failed = true;
      screen.note("not sent: " + problem);
    }
  }

  private void leave() {
    long left = room;
    if (left == 0) {
      screen.note("you are in no room");
      return;
    }
    room = 0;
    screen.prompt("> ");
    track(client.leave(left).thenRun(() -> screen.note("left room " + left)));
  }

  private void who() {
    long here = room;
    if (here == 0) {
      screen.note("you are in no room");
      return;
    }
    track(client.roomInfo(here).thenAccept(info -> {
      String names =
          info.members().stream().map(Member::username).sorted().collect(Collectors.joining(", "));
      screen.note("room " + here + ", " + people(info.count()) + ": " + names);
    }));
  }

  private void history(int count) {
    if (room == 0) {
      screen.note("you are in no room");
      return;
    }
    // The last sequence is told with any page.
    track(client
        .history(Topic.room(room), 0, 1)
        .thenCompose(page -> showHistory(page.lastSeq(), count)));
  }

  private CompletableFuture<Void> showHistory(long lastSeq, int count) {
    if (lastSeq <= 0 || room == 0) {
      return CompletableFuture.completedFuture(null);
    }
    long after = Math.max(0, lastSeq - count);
    return client
        .history(Topic.room(room), after, count)
        .thenAccept(page -> showPage(page, lastSeq));
  }

  private void showPage(History page, long lastSeq) {
    screen.note("the last messages");
    page.messages().stream().filter(message -> message.seq() <= lastSeq).forEach(this::show);
    screen.note("now");
  }

  private void show(Message message) {
    var at = message.createdAt().atZone(ZoneId.systemDefault());
    String time =
        at.format(at.toLocalDate().equals(LocalDate.now(ZoneId.systemDefault())) ? TIME : DAY);
    String from = message.fromUserName();
    if (message.topic() instanceof Topic.User) {
      screen.said(time, from + " → " + message.toUserName(), message.text());
    } else if (message.topic().id() == room) {
      screen.said(time, from, message.text());
    } else {
      screen.said(time, from + " in room " + message.topic().id(), message.text());
    }
  }

  private void presence(Presence presence) {
    String where = presence.roomId() == room ? "" : " room " + presence.roomId();
    presence.joined().forEach(member -> screen.note(member.username() + " joined" + where));
    presence.left().forEach(member -> screen.note(member.username() + " left" + where));
  }

  private void gap(Gap gap) {
    screen.note("some messages cannot be shown: the server does not keep them any more");
  }

  private void state(ConnectionState state) {
    switch (state.phase()) {
      case CONNECTED -> {
        if (wasConnected) {
          screen.note("connected again");
        }
        wasConnected = true;
      }
      case RECOVERING -> screen.note("connection lost, trying again");
      case CLOSED -> closed.complete(state);
      default -> {
        // Nothing that anybody waits for.
      }
    }
  }

  private void help() {
    screen.note("/msg NAME TEXT   a direct message (\"NAME\" in quotes if it has blanks)");
    screen.note("/join ROOM       go to another room      /leave   leave this one");
    screen.note("/who             who is here             /history [N]  what was said");
    screen.note("//TEXT           say something that begins with a slash");
    screen.note("/quit            end (or Ctrl-D)");
  }

  private void track(CompletableFuture<?> request) {
    CompletableFuture<?> reported = request.handle((result, failure) -> {
      if (failure != null) {
        report(failure);
      }
      return result;
    });
    long number = requests.incrementAndGet();
    open.put(number, reported);
    reported.whenComplete((result, failure) -> open.remove(number));
  }

  private void report(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    failed = true;
    if (!closed.isDone()) {
      screen.note("failed: " + cause.getMessage());
    }
  }

  private static String people(int count) {
    return count == 1 ? "1 person" : count + " people";
  }
}
