package io.gochat.server.webhook;

/**
 * What became of dead letters that were sent again. Immutable.
 *
 * @param sent how many were taken
 * @param failure why the next one was not; empty: there was none
 */
public record Resent(int sent, String failure) {}
