package io.gochat.server.admin;

import io.gochat.server.identity.ApiKeys;
import java.net.InetAddress;

/**
 * Who acts. Immutable.
 *
 * @param service the key, and the account that it publishes as
 * @param from where the request came from
 */
public record Caller(ApiKeys.Service service, InetAddress from) {}
