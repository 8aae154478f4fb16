package io.gochat.server.identity;

import java.util.Optional;

/**
 * Whose tokens are accepted. Immutable.
 *
 * @param issuer what {@code iss} must be; empty: it is not looked at
 * @param audience what {@code aud} must hold; empty: it is not looked at
 * @param usernameClaim the claim that names the user here
 */
public record JwtOptions(
    Optional<String> issuer, Optional<String> audience, String usernameClaim) {}
