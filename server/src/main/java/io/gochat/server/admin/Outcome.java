package io.gochat.server.admin;

import io.gochat.server.messaging.PublishResult;

/** What became of publishing to one recipient. Immutable. */
public record Outcome(Recipient recipient, PublishResult result) {}
