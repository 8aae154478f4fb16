package io.gochat.server.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What operators may do to a running node. Immutable.
 *
 * @param backupDir where backups go; empty: there are none of a running node
 */
public record AdminConfig(Optional<Path> backupDir) {}
