package com.example.shop;

import com.nimbusds.jose.JOSEException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Where the shop's own pages fetch what they sign in to the chat with. */
@RestController
class ChatController {
  /** Stands for whatever the application knows its users by. */
  private static final Map<String, String> CUSTOMERS =
      Map.of("alice", "wonderland", "bob", "builder");

  private final ChatTokens tokens;

  ChatController(ChatTokens tokens) {
    this.tokens = tokens;
  }

  @GetMapping("/chat/token")
  Map<String, String> token(
      @RequestHeader(value = HttpHeaders.AUTHORIZATION, defaultValue = "") String authorization)
      throws JOSEException {
    String customer = customer(authorization);
    return Map.of("username", customer, "token", tokens.of(customer));
  }

  private static String customer(String authorization) {
    if (authorization.startsWith("Basic ")) {
      String[] pair = new String(
              Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8)
          .split(":", 2);
      if (pair.length == 2 && pair[1].equals(CUSTOMERS.get(pair[0]))) {
        return pair[0];
      }
    }
    throw new ResponseStatusException(HttpStatus.UNAUTHORIZED);
  }
}
