package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gochat.server.identity.ApiKey;
import io.gochat.server.identity.Scope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file of keys, and the accounts that keys speak for. */
@Timeout(60)
@SuppressWarnings("JavaUtilDate") // the library speaks it
class ApiKeysTest {
  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();

  @AfterEach
  void stop() {
    nodes.close();
  }

  private Server start(String lines) throws Exception {
    Path file = Files.writeString(directory.resolve("keys"), lines);
    return nodes.start("--data-dir=" + directory.resolve("data"), "--api-keys=" + file);
  }

  @Test
  void the_name_of_a_key_is_nobody_elses() throws Exception {
    String hash = ApiKey.hash("k");
    Server server = start("# ours\nBilling publish,read " + hash + " # a comment\n\n");

    assertThat(nodes
            .post(server, "/user/register", "{\"username\":\"billing\",\"password\":\"x\"}")
            .errorCode())
        .isEqualTo("name_taken");
    assertThat(nodes
            .post(server, "/user/login", "{\"username\":\"billing\",\"password\":\"x\"}")
            .errorCode())
        .isEqualTo("bad_credentials");
  }

  @Test
  void a_token_of_an_issuer_with_the_name_of_a_key_is_refused() throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Server server = nodes.start(
        "--data-dir=" + directory.resolve("data"),
        "--api-keys="
            + Files.writeString(
                directory.resolve("keys"), "billing publish " + ApiKey.hash("k") + "\n"),
        "--jwt-secret-file=" + Files.write(directory.resolve("secret"), secret));

    for (String subject : List.of("billing", "BILLING", "ｂｉｌｌｉｎｇ")) {
      SignedJWT jwt = new SignedJWT(
          new JWSHeader(JWSAlgorithm.HS256),
          new JWTClaimsSet.Builder()
              .subject(subject)
              .expirationTime(Date.from(Instant.now().plusSeconds(300)))
              .build());
      jwt.sign(new MACSigner(secret));

      Nodes.Answer answer =
          nodes.post(server, "/user/checkAuth", "{\"token\":\"" + jwt.serialize() + "\"}");

      assertThat(answer.errorCode()).as(subject).isEqualTo("token_invalid");
    }
  }

  @Test
  void a_key_with_the_name_of_a_person_refuses_the_start() throws Exception {
    Server first = start("");
    nodes.signIn(first, "alice");
    first.close();

    assertThatThrownBy(() -> start("Alice publish " + ApiKey.hash("k")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("line 1")
        .hasMessageContaining("belongs to a person");
  }

  @Test
  void mistakes_in_the_file_are_named_with_their_line() {
    for (String line : new String[] {
      "name", "name publish", "name fly " + ApiKey.hash("k"), "name publish abc", "a b c d"
    }) {
      assertThatThrownBy(() -> start("ok publish " + ApiKey.hash("k") + "\n" + line))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("line 2");
    }
  }

  @Test
  void a_command_makes_a_key_and_its_line() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    int status;
    try {
      status = Main.run(new String[] {"key", "billing", "publish,read"}, Map.of());
    } finally {
      System.setOut(before);
    }

    String[] lines = out.toString(StandardCharsets.UTF_8).strip().split("\\R", -1);
    assertThat(status).isZero();
    String key = lines[0].replaceFirst("^key: +", "");
    assertThat(lines[1])
        .endsWith(
            new ApiKey("billing", Set.of(Scope.PUBLISH, Scope.READ), ApiKey.hash(key)).line());
  }
}
