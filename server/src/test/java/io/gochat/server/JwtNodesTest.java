package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gochat.protocol.GoAway;
import io.gochat.server.Nodes.On;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.websocket.RawWebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of an issuer on two nodes: what one node refuses from now on, so does the other, and within a second. */
@Timeout(60)
class JwtNodesTest {
  private static final byte[] SECRET =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();
  private List<Server> servers = List.of();

  @BeforeEach
  void start() throws Exception {
    Path secret = Files.write(directory.resolve("secret"), SECRET);
    servers = nodes.start(On.REDIS, directory, "--jwt-secret-file=" + secret);
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private static User bearer(String subject, String id) throws Exception {
    SignedJWT jwt = new SignedJWT(
        new JWSHeader(JWSAlgorithm.HS256),
        new JWTClaimsSet.Builder()
            .subject(subject)
            .jwtID(id)
            .issueTime(Date.from(Instant.now()))
            .expirationTime(Date.from(Instant.now().plusSeconds(300)))
            .build());
    jwt.sign(new MACSigner(SECRET));
    return new User(0, jwt.serialize());
  }

  private int check(int node, User user) {
    return nodes
        .post(servers.get(node), "/user/checkAuth", "{\"token\":\"" + user.token() + "\"}")
        .status();
  }

  @Test
  void a_token_that_is_logged_out_on_one_node_closes_its_sockets_on_the_other() throws Exception {
    User phone = bearer("zoe", "1");
    User laptop = bearer("zoe", "2");
    FrameTestClient ended = nodes.connect(servers.get(1), phone, "phone");
    FrameTestClient kept = nodes.connect(servers.get(1), laptop, "laptop");

    nodes.post(servers.get(0), "/user/logout", "{\"token\":\"" + phone.token() + "\"}");

    assertThat(ended.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    kept.expectNothing();
    assertThat(check(1, phone)).isEqualTo(401);
    assertThat(check(1, laptop)).isEqualTo(200);
  }

  @Test
  void a_token_signs_in_over_websocket_and_its_end_on_the_other_node_is_final() throws Exception {
    User phone = bearer("zoe", "1");
    try (RawWebSocket socket = RawWebSocket.open(servers.get(1).port(), "gochat.v1.json")) {
      socket.text("{\"request_id\":1,\"hello\":{\"token\":\"" + phone.token() + "\"}}");
      assertThat(socket.nextText())
          .startsWith("{\"request_id\":1,\"welcome\":")
          .contains("\"username\":\"zoe\"");

      nodes.post(servers.get(0), "/user/logout", "{\"token\":\"" + phone.token() + "\"}");

      assertThat(socket.goodbye().closeCode()).isEqualTo(4_500 + GoAway.Reason.REVOKED.getNumber());
    }
    try (RawWebSocket again = RawWebSocket.open(servers.get(1).port(), "gochat.v1.json")) {
      again.text("{\"request_id\":1,\"hello\":{\"token\":\"" + phone.token() + "\"}}");
      assertThat(again.nextText()).contains("\"error\":", "TOKEN_INVALID");
    }
  }

  @Test
  void logging_out_everywhere_on_one_node_closes_all_sockets_on_the_other() throws Exception {
    User phone = bearer("zoe", "1");
    User laptop = bearer("zoe", "2");
    FrameTestClient ended = nodes.connect(servers.get(1), phone, "phone");

    nodes.post(servers.get(0), "/user/logoutAll", "{\"token\":\"" + laptop.token() + "\"}");

    assertThat(ended.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(check(0, laptop)).isEqualTo(401);
    assertThat(check(1, phone)).isEqualTo(401);
  }
}
