package io.gochat.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who is told what was said. Immutable.
 *
 * @param file of the endpoints; empty: nobody is told
 * @param backlogBytes as much may wait for one endpoint
 * @param offlineAfter after which a message in an inbox counts as undelivered
 */
public record WebhookConfig(Optional<Path> file, long backlogBytes, Duration offlineAfter) {}
