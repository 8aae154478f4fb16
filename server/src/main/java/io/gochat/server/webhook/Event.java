package io.gochat.server.webhook;

/**
 * What an endpoint is told in one request. Immutable by agreement: nobody writes to {@link #body()}.
 *
 * @param id the same for every try
 * @param body JSON
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Event(String id, byte[] body) {}
