package io.gochat.server.config;

import java.time.Duration;

/**
 * Passwords, logins, sessions. Immutable.
 *
 * @param bcryptCost one more doubles the work of a login
 * @param sessionTtl how long a token lives after it was last used
 * @param loginsPerMinute per name and address, whatever becomes of them; 0: no limit
 * @param loginFailuresPerMinute per name and address; 0: no limit
 * @param registrationsPerMinute per address; 0: no limit
 * @param registrationOpen whether anybody may register
 */
public record AccountConfig(
    int bcryptCost,
    Duration sessionTtl,
    int loginsPerMinute,
    int loginFailuresPerMinute,
    int registrationsPerMinute,
    boolean registrationOpen) {}
