package io.gochat.server.command;

import io.gochat.server.account.Accounts;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.FanOut;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.session.Sessions;

/** What the commands work on. Immutable; everything in it is thread-safe. */
public record CommandServices(
    Accounts accounts,
    Sessions sessions,
    Messaging messaging,
    ConnectionRegistry registry,
    FanOut fanOut,
    RoomPresence presence) {}
