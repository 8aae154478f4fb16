package com.example.shop;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Says to the chat server who somebody is. */
@Component
class ChatTokens {
  private final MACSigner signer;
  private final Duration lifetime;

  ChatTokens(
      @Value("${chat.secret-file}") Path secretFile,
      @Value("${chat.token-lifetime}") Duration lifetime)
      throws IOException, JOSEException {
    byte[] secret = Files.readAllBytes(secretFile);
    // The server leaves one newline at the end out; so must we.
    int length = secret.length > 0 && secret[secret.length - 1] == '\n' ? secret.length - 1 : secret.length;
    this.signer = new MACSigner(Arrays.copyOf(secret, length));
    this.lifetime = lifetime;
  }

  /** A token for this user; short-lived, because it cannot be asked back. */
  String of(String username) throws JOSEException {
    Instant now = Instant.now();
    SignedJWT token = new SignedJWT(
        new JWSHeader(JWSAlgorithm.HS256),
        new JWTClaimsSet.Builder()
            .subject(username)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(lifetime)))
            .build());
    token.sign(signer);
    return token.serialize();
  }
}
