package io.gochat.server.registry;

import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a member that is behind: a page of the log, framed, lent to its connection for as long as a second or two.
 * Confined to the connection's event loop.
 *
 * <p>The page is reserved before it is read, and at most {@link ReplayBudget#PAGE_BYTES} long, or one message. What the
 * socket does not take waits in the page, not in the channel, so it can be taken back: then the member is a position
 * again, and has its next turn when its socket has drained. All that stays is the rest of the frame that was begun.
 */
final class Replay {
  private static final int READ_MESSAGES = 2_000;

  /** {@link FanOutLoop#TICK_MS} each. */
  private static final int LENT_TICKS = 3;

  /** By then the store must have answered, or never will: it is asked anew. */
  private static final int READ_TICKS = 120;

  final Membership member;
  private final LoopSubscriber subscriber;
  private final FanOutLoop loop;
  private final Loan loan;
  private @Nullable Chunk page;
  private int offset;
  private int ticks;
  private boolean isReading;
  private boolean over;

  Replay(Membership member, Loan loan, FanOutLoop loop) {
    this.member = member;
    this.subscriber = member.subscriber;
    this.loan = loan;
    this.loop = loop;
  }

  /** Waits for room, reads, lends. */
  void start() {
    loop.watch(this);
    loan.takePage(this::read);
  }

  boolean isOver() {
    return over;
  }

  /** Gives the page back; the subscriber is not told. Idempotent. */
  void abandon() {
    if (!over) {
      over = true;
      dropPage();
      loan.returnPage();
    }
  }

  /** The member is gone: so is its page. A read that is under way keeps the turn: a connection has one at a time. */
  void memberLeft() {
    if (!isReading) {
      finish();
    }
  }

  private void finish() {
    abandon();
    subscriber.replayOver(member);
  }

  private void dropPage() {
    Chunk lent = page;
    if (lent != null) {
      page = null;
      lent.release();
    }
  }

  private void read() {
    if (over) {
      return;
    }
    isReading = true;
    loop.read(member.topic(), member.nextSeq, READ_MESSAGES, ReplayBudget.PAGE_BYTES, this::taken);
  }

  private void taken(@Nullable LogSlice slice, @Nullable Throwable failure) {
    if (over) {
      return;
    }
    ticks = 0;
    isReading = false;
    if (member.isDetached()) {
      finish();
      return;
    }
    if (slice == null) {
      retry();
      return;
    }
    try {
      lend(slice);
    } catch (RuntimeException | Error e) {
      loop.survived("making a page of the log", e); // nothing of it was sent
      retry();
      return;
    }
    pushSafely();
  }

  // The room is given back at once, the turn is kept until then.
  private void retry() {
    dropPage();
    loan.returnPage();
    loop.later(() -> {
      if (!over) {
        finish();
      }
    });
  }

  private void lend(LogSlice slice) {
    if (slice.epoch() != member.epoch) {
      return; // the topic is told of it too, and starts its members anew
    }
    if (slice.firstSeq() > member.nextSeq) {
      loop.tellGap(member, member.nextSeq, slice.firstSeq() - 1, slice.epoch());
      member.nextSeq = slice.firstSeq();
    }
    List<LoggedMessage> messages = slice.messages();
    if (messages.isEmpty() || messages.get(0).seq() != member.nextSeq) {
      return;
    }
    WireFormat format = member.feed.format;
    int count = 0;
    int bytes = 0;
    while (count < messages.size()) {
      int size = format.messageSize(messages.get(count));
      if (count > 0 && bytes + size > ReplayBudget.PAGE_BYTES) {
        break;
      }
      bytes += size;
      count++;
    }
    loan.growPage(bytes);
    page = new Chunk(loop.allocator(), bytes, 0, member.nextSeq, true);
    for (int i = 0; i < count; i++) {
      format.writeMessage(messages.get(i), page.bytes);
      page.frameWritten();
    }
  }

  /** The socket has drained: the page goes on. Returns the sends. */
  int drained() {
    return page == null ? 0 : pushSafely();
  }

  private int pushSafely() {
    try {
      return push();
    } catch (RuntimeException | Error e) {
      abandon();
      subscriber.failed(e);
      return 1;
    }
  }

  private int push() {
    Chunk lent = page;
    Outlet outlet = subscriber.outlet;
    int sends = 0;
    while (lent != null && offset < lent.length()) {
      if (!outlet.isReady()) {
        subscriber.awaitDrain();
        return sends;
      }
      int reached = outlet.push(lent, offset, lent.boundaryWithin(offset, outlet.bytesPerVisit()));
      loop.counters.sent(lent.framesUpTo(reached) - lent.framesUpTo(offset), reached - offset);
      offset = reached;
      member.nextSeq = lent.nextSeqAt(reached);
      sends++;
      subscriber.leftRest();
    }
    finish();
    return sends;
  }

  /** Some time has passed. */
  void tick() {
    ticks++;
    if (ticks < LENT_TICKS || over) {
      return;
    }
    if (page != null) {
      finish(); // it stands where it came to, and waits for its socket
    } else if (isReading && ticks >= READ_TICKS) {
      finish();
    }
  }
}
