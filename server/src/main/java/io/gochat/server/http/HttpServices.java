package io.gochat.server.http;

import io.gochat.server.account.Accounts;
import io.gochat.server.admin.Administration;
import io.gochat.server.identity.ApiKeys;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.session.Sessions;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the endpoints call. Immutable.
 *
 * @param accounts users
 * @param sessions logins
 * @param messaging topics
 * @param presence who is in which room
 * @param ready whether this node wants traffic, for {@code /readyz}
 * @param metrics the text of {@code /metrics}; called off the event loops
 * @param page what browsers are shown
 * @param keys who may administrate
 * @param administration what they may do; null: nothing
 */
public record HttpServices(
    Accounts accounts,
    Sessions sessions,
    Messaging messaging,
    RoomPresence presence,
    BooleanSupplier ready,
    Supplier<String> metrics,
    Page page,
    ApiKeys keys,
    @Nullable Administration administration) {}
