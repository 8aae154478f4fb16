package io.gochat.server.webhook;

/**
 * An event that could not be delivered, as operators see it. Immutable.
 *
 * @param id its {@code webhook-id}
 * @param type of the event
 * @param topic {@code room:7} or {@code inbox:42}
 * @param tries how often it was tried
 * @param diedAtMs when it was given up; Unix time in milliseconds
 * @param reason why the last try failed
 */
public record DeadLetterView(
    String id, String type, String topic, int tries, long diedAtMs, String reason) {}
