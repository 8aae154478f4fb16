package io.gochat.server.embedded;

import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import org.jspecify.annotations.Nullable;

/** The first publish of a client message id in a commit, which later ones ask. Confined to the committer thread. */
interface FirstPublish {
  /** What the same id with this text is answered; it stands or falls with the same write. Null: that failed. */
  @Nullable
  PublishResult answerTo(Idempotency.TextHash text);

  /** Within which a client message id means one publish. */
  record Key(long fromUserId, Topic topic, String clientMessageId) {}
}
