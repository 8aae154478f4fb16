package io.gochat.server.webhook;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How webhooks are told. Immutable.
 *
 * @param file of the endpoints
 * @param backlogBytes as much may wait for one endpoint
 * @param offlineAfter after which a message in an inbox counts as undelivered
 */
public record WebhookOptions(Path file, long backlogBytes, Duration offlineAfter) {}
