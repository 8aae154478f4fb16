package io.gochat.server.redis;

import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import java.util.concurrent.CompletableFuture;

/** One publish that waits for its answer. Immutable. */
record Pending(
    Publication publication,
    CompletableFuture<PublishResult> answer,
    int bytes,
    long queuedNanos) {}
