package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Outbox.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes how far the endpoints have come, ten times a second: which records nobody needs any more, the rows of lanes, dead
 * letters. What cannot be written is tried again before anything else is. Confined to the webhooks' loop.
 */
final class Progress {
  private static final long EVERY_MS = 100;
  private static final long AGAIN_MS = 1_000;

  private final Engine engine;
  private final List<Lane> changed = new ArrayList<>();
  private final List<TopicLanes> leaving = new ArrayList<>();
  private Outbox.Changes changes = new Outbox.Changes();
  private @Nullable Batch underWay;
  private long writeAtMs;
  /** When what is under way is written again; 0: it has not failed. */
  private long againAtMs;

  /** What is written in one step, and the topics that can be forgotten then. */
  private record Batch(Outbox.Changes changes, List<TopicLanes> gone) {}

  Progress(Engine engine) {
    this.engine = engine;
  }

  /** What is written next. */
  Outbox.Changes changes() {
    return changes;
  }

  /** Its row is written with the next changes. */
  void changed(Lane lane) {
    changed.add(lane);
  }

  /** All its lanes are done, for now. */
  void idle(TopicLanes topic) {
    if (!topic.isLeaving && topic.isIdle()) {
      topic.isLeaving = true;
      leaving.add(topic);
    }
  }

  /** Whether everything is written. */
  boolean isWritten() {
    return underWay == null && changed.isEmpty() && leaving.isEmpty() && changes.isEmpty();
  }

  /** All of it is read again: what is not written yet is told again. */
  void clear() {
    changed.clear();
    leaving.clear();
    changes = new Outbox.Changes();
    underWay = null;
    againAtMs = 0;
  }

  void tick(long nowMs) {
    if (nowMs >= writeAtMs) {
      write(nowMs);
    }
  }

  /** At once, unless something is being written. */
  void write(long nowMs) {
    Batch failed = underWay;
    if (failed != null) {
      if (againAtMs > 0 && nowMs >= againAtMs) {
        write(failed);
      }
      return;
    }
    writeAtMs = nowMs + EVERY_MS;
    changed.forEach(this::writeRow);
    changed.clear();
    List<TopicLanes> gone = leave();
    if (changes.isEmpty()) {
      forget(gone);
      return;
    }
    Batch batch = new Batch(changes, gone);
    changes = new Outbox.Changes();
    write(batch);
  }

  private void write(Batch batch) {
    underWay = batch;
    againAtMs = 0;
    engine.onLoop(
        engine.outbox.write(batch.changes()),
        done -> {
          underWay = null;
          forget(batch.gone());
        },
        failure -> {
          againAtMs = engine.nowMs() + AGAIN_MS;
          engine.warnings.warn(
              "write", "what webhooks were told cannot be written; it is tried again", failure);
        });
  }

  private void writeRow(Lane lane) {
    if (!lane.takeChange()) {
      return; // dropped meanwhile
    }
    if (lane.tries > 0 || lane.gap != null || lane.beside.isAheadOfOthers(lane)) {
      lane.hasRow = true;
      changes.put(Table.LANE, lane.key(), lane.state().encode());
    } else if (lane.hasRow) {
      lane.hasRow = false;
      changes.delete(Table.LANE, lane.key());
    }
  }

  // Topics are forgotten when their records are deleted: until then they would be read again.
  private List<TopicLanes> leave() {
    List<TopicLanes> gone = new ArrayList<>();
    for (TopicLanes topic : leaving) {
      if (topic.isLeaving && topic.isIdle()) {
        gone.add(topic);
        for (Lane lane : topic.lanes) {
          if (lane.hasRow) {
            lane.hasRow = false;
            changes.delete(Table.LANE, lane.key());
          }
        }
      } else {
        topic.isLeaving = false;
      }
    }
    leaving.clear();
    return gone;
  }

  private void forget(List<TopicLanes> gone) {
    for (TopicLanes topic : gone) {
      if (topic.isLeaving && topic.isIdle()) {
        engine.topics.forget(topic);
      }
    }
  }
}
