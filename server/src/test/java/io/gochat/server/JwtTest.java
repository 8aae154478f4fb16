package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that accepts the tokens of an issuer, which publishes its keys over real HTTP. */
@Timeout(120)
@SuppressWarnings("JavaUtilDate") // the library speaks it
class JwtTest {
  private static final String ISSUER = "https://id.example";
  private static final String AUDIENCE = "chat";

  @TempDir
  static Path directory;

  private static final Nodes NODES = new Nodes();
  private static RSAKey rsa = generated();
  private static final ECKey EC = generatedEc();
  private static HttpServer issuer;
  private static Server server;
  private static User alice;

  private static RSAKey generated() {
    try {
      return new RSAKeyGenerator(2_048).keyID("rsa-1").generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static ECKey generatedEc() {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    byte[] keys = new JWKSet(List.of(rsa.toPublicJWK(), EC.toPublicJWK()))
        .toString()
        .getBytes(StandardCharsets.UTF_8);
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext("/keys", exchange -> {
      exchange.sendResponseHeaders(200, keys.length);
      exchange.getResponseBody().write(keys);
      exchange.close();
    });
    issuer.start();
    server = NODES.start(
        "--data-dir=" + directory,
        "--jwt-jwks=http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys",
        "--jwt-issuer=" + ISSUER,
        "--jwt-audience=" + AUDIENCE);
    alice = NODES.signIn(server, "alice");
  }

  @AfterAll
  static void stop() {
    NODES.close();
    issuer.stop(0);
  }

  private static JWTClaimsSet.Builder claims(String subject) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject(subject)
        .issueTime(Date.from(Instant.now()))
        .expirationTime(Date.from(Instant.now().plusSeconds(300)));
  }

  private static String signed(JWTClaimsSet claims) throws Exception {
    return signed(JWSAlgorithm.RS256, "rsa-1", new RSASSASigner(rsa), claims);
  }

  private static String signed(
      JWSAlgorithm algorithm, String keyId, JWSSigner signer, JWTClaimsSet claims)
      throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(algorithm).keyID(keyId).type(JOSEObjectType.JWT).build();
    SignedJWT jwt = new SignedJWT(header, claims);
    jwt.sign(signer);
    return jwt.serialize();
  }

  private static Answer check(String token) {
    return NODES.post(server, "/user/checkAuth", "{\"token\":\"" + token + "\"}");
  }

  @Test
  void a_token_is_a_session_everywhere_and_its_user_is_made_at_first_sight() throws Exception {
    User zoe = new User(0, signed(claims("Zoë").build()));

    Answer first = NODES.pushRoom(server, zoe, 7, "hello", "k-1");
    FrameTestClient socket = NODES.connect(server, zoe, "phone");
    Answer sessions = NODES.post(server, "/user/sessions", "{\"token\":\"" + zoe.token() + "\"}");

    assertThat(first.status()).as("%s", first).isEqualTo(200);
    assertThat(sessions.status()).isEqualTo(200);
    socket.join(7);
    Answer direct = NODES.post(
        server,
        "/push/push",
        "{\"token\":\"" + alice.token() + "\",\"msg\":\"hi\",\"to_user_name\":\"ZOË\"}");
    assertThat(direct.status()).as("%s", direct).isEqualTo(200);
    assertThat(socket.deliveries(1).get(0).getText()).isEqualTo("hi");
  }

  @Test
  void every_kind_of_key_signs() throws Exception {
    JWTClaimsSet claims = claims("kinds").build();

    assertThat(check(signed(JWSAlgorithm.PS256, "rsa-1", new RSASSASigner(rsa), claims))
            .status())
        .isEqualTo(200);
    assertThat(check(signed(JWSAlgorithm.ES256, "ec-1", new ECDSASigner(EC), claims))
            .status())
        .isEqualTo(200);
  }

  static Map<String, String> hostile() throws Exception {
    JWTClaimsSet good = claims("mallory").build();
    RSAKey another = new RSAKeyGenerator(2_048).keyID("rsa-1").generate();
    byte[] publicKey = rsa.toRSAPublicKey().getEncoded();
    String genuine = signed(good);
    int dot = genuine.lastIndexOf('.');
    String body = genuine.substring(0, dot);
    long now = Instant.now().getEpochSecond();
    return Map.ofEntries(
        Map.entry("alg none", new PlainJWT(good).serialize()),
        Map.entry("no signature", body + "."),
        Map.entry("a flipped signature", body + "." + flipped(genuine.substring(dot + 1))),
        Map.entry(
            "another's key under the same id",
            signed(JWSAlgorithm.RS256, "rsa-1", new RSASSASigner(another), good)),
        Map.entry(
            "HMAC with the public key",
            signed(JWSAlgorithm.HS256, "rsa-1", new MACSigner(publicKey), good)),
        Map.entry(
            "HMAC with the text of the key set",
            signed(
                JWSAlgorithm.HS256,
                "rsa-1",
                new MACSigner(rsa.toPublicJWK().toJSONString()),
                good)),
        Map.entry(
            "an unknown key id",
            signed(JWSAlgorithm.RS256, "nobody's", new RSASSASigner(rsa), good)),
        Map.entry(
            "a key of another kind",
            signed(JWSAlgorithm.ES256, "rsa-1", new ECDSASigner(EC), good)),
        Map.entry(
            "a foreign issuer", signed(claims("mallory").issuer("https://evil").build())),
        Map.entry("no issuer", signed(claims("mallory").issuer(null).build())),
        Map.entry(
            "an issuer with a slash more",
            signed(claims("mallory").issuer(ISSUER + "/").build())),
        Map.entry(
            "a foreign audience", signed(claims("mallory").audience("others").build())),
        Map.entry(
            "no audience", signed(claims("mallory").audience((String) null).build())),
        Map.entry("no exp", signed(claims("mallory").expirationTime(null).build())),
        Map.entry(
            "exp a second ago",
            signed(claims("mallory").expirationTime(new Date((now - 1) * 1_000)).build())),
        Map.entry(
            "not yet",
            signed(claims("mallory").notBeforeTime(new Date((now + 60) * 1_000)).build())),
        Map.entry(
            "exp is text", signed(claims("mallory").claim("exp", "tomorrow").build())),
        Map.entry("a megabyte", body + "." + "A".repeat(1 << 20)),
        Map.entry("as long as fits", body + "." + "A".repeat(50_000)),
        Map.entry("three dots", genuine + ".x"),
        Map.entry("nested beyond reason", "eyJhbGciOiJSUzI1NiJ9." + "W1tb".repeat(1_500) + ".AAAA"),
        Map.entry("not base64", "ey..."));
  }

  static List<Map.Entry<String, String>> hostileTokens() throws Exception {
    return List.copyOf(hostile().entrySet());
  }

  private static String flipped(String signature) {
    char first = signature.charAt(5);
    return signature.substring(0, 5) + (first == 'A' ? 'B' : 'A') + signature.substring(6);
  }

  @ParameterizedTest
  @MethodSource("hostileTokens")
  void a_hostile_token_is_no_session(Map.Entry<String, String> hostile) {
    Answer http = check(hostile.getValue());

    assertThat(http.errorCode()).as(hostile.getKey()).isIn("token_invalid", "body_too_large");
    if (hostile.getValue().length() < 60_000) {
      FrameTestClient frames = FrameTestClient.connect(server.port());
      assertThat(frames.refusedHello(hostile.getValue()))
          .as(hostile.getKey())
          .isEqualTo(ErrorCode.TOKEN_INVALID);
    }
  }

  @Test
  void a_subject_is_itself_to_the_letter_and_no_password_account() throws Exception {
    assertThat(check(signed(claims("Dora").build())).status()).isEqualTo(200);

    for (String subject : List.of("dora", "DORA", "Ｄｏｒａ", "alice", "Alice", "ａlice", "a\nb")) {
      Answer refused = check(signed(claims(subject).build()));

      assertThat(refused.status()).as(subject).isEqualTo(401);
      assertThat(refused.fields().get("error")).as(subject).contains("the token's user name");
    }
    assertThat(NODES
            .post(server, "/user/register", "{\"username\":\"dora\",\"password\":\"x\"}")
            .errorCode())
        .isEqualTo("name_taken");
  }

  @Test
  void a_connection_closes_when_its_token_expires() throws Exception {
    String token = signed(
        claims("brief").expirationTime(Date.from(Instant.now().plusSeconds(3))).build());
    FrameTestClient socket = NODES.connect(server, new User(0, token), "");

    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.EXPIRED);

    assertThat(check(token).status()).isEqualTo(401);
  }

  @Test
  void a_token_that_was_logged_out_stays_so_and_another_of_its_user_does_not() throws Exception {
    String phone = signed(claims("Frieda").jwtID("1").build());
    String laptop = signed(claims("Frieda").jwtID("2").build());
    FrameTestClient socket = NODES.connect(server, new User(0, phone), "");

    NODES.post(server, "/user/logout", "{\"token\":\"" + phone + "\"}");

    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(check(phone).status()).isEqualTo(401);
    assertThat(check(laptop).status()).isEqualTo(200);
  }

  @Test
  void logging_out_everywhere_refuses_what_was_issued_before() throws Exception {
    Instant now = Instant.now();
    String old = signed(claims("Gerda").build());
    String undated = signed(claims("Gerda").issueTime(null).build());
    String later =
        signed(claims("Gerda").issueTime(Date.from(now.plusSeconds(5))).build());
    FrameTestClient socket = NODES.connect(server, new User(0, old), "");
    assertThat(check(undated).status()).isEqualTo(200);

    Answer all = NODES.post(server, "/user/logoutAll", "{\"token\":\"" + old + "\"}");

    assertThat(all.status()).isEqualTo(200);
    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(check(old).status()).isEqualTo(401);
    assertThat(check(undated).status()).isEqualTo(401);
    assertThat(check(later).status()).isEqualTo(200);
  }

  @Test
  void an_issuer_that_hangs_delays_its_own_tokens_alone(@TempDir Path other) throws Exception {
    ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Server waiting = NODES.start(
        "--data-dir=" + other, "--jwt-jwks=http://127.0.0.1:" + hanging.getLocalPort() + "/keys");
    User bob = NODES.signIn(waiting, "bob");
    String token = signed(claims("carol").build());
    CompletableFuture<Answer> carol = CompletableFuture.supplyAsync(
        () -> NODES.post(waiting, "/user/checkAuth", "{\"token\":\"" + token + "\"}"));
    Socket fetching = hanging.accept();

    Answer others = NODES.post(waiting, "/user/checkAuth", "{\"token\":\"" + bob.token() + "\"}");

    assertThat(others.status()).isEqualTo(200);
    assertThat(carol).isNotDone();
    hanging.close();
    fetching.close();
    assertThat(carol.get(60, TimeUnit.SECONDS).errorCode()).isEqualTo("overloaded");
    waiting.close();
  }

  @Test
  void a_name_is_an_account_also_when_the_same_subject_gets_another(@TempDir Path other)
      throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Server naming = NODES.start(
        "--data-dir=" + other.resolve("data"),
        "--jwt-secret-file=" + Files.write(other.resolve("secret"), secret),
        "--jwt-username-claim=preferred_username");
    long hanna = welcomed(naming, named(secret, "4711", "Hanna"));

    long johanna = welcomed(naming, named(secret, "4711", "Johanna"));
    String stolen = named(secret, "4712", "Hanna");

    assertThat(johanna).isNotEqualTo(hanna);
    assertThat(welcomed(naming, named(secret, "4711", "Hanna"))).isEqualTo(hanna);
    Answer refused = NODES.post(naming, "/user/checkAuth", "{\"token\":\"" + stolen + "\"}");
    assertThat(refused.errorCode()).isEqualTo("token_invalid");
    assertThat(refused.fields().get("error")).contains("belongs to another account");
    naming.close();
  }

  private static String named(byte[] secret, String subject, String name) throws Exception {
    JWTClaimsSet claims = claims(subject).claim("preferred_username", name).build();
    return signed(JWSAlgorithm.HS256, "", new MACSigner(secret), claims);
  }

  private static long welcomed(Server node, String token) {
    return NODES.connect(node).hello(token).getUserId();
  }

  @Test
  void a_shared_secret_signs_with_hs256_alone(@TempDir Path other) throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Path file = Files.write(other.resolve("secret"), secret);
    Files.write(file, new byte[] {'\n'}, StandardOpenOption.APPEND);
    Server sharing = NODES.start(
        "--data-dir=" + other.resolve("data"),
        "--jwt-secret-file=" + file,
        "--jwt-username-claim=preferred_username");
    JWTClaimsSet claims = new JWTClaimsSet.Builder()
        .subject("4711")
        .claim("preferred_username", "Hanna")
        .expirationTime(Date.from(Instant.now().plusSeconds(60)))
        .build();

    String good = signed(JWSAlgorithm.HS256, "", new MACSigner(secret), claims);
    String rs = signed(claims);

    assertThat(NODES
            .post(sharing, "/user/checkAuth", "{\"token\":\"" + good + "\"}")
            .status())
        .isEqualTo(200);
    assertThat(
            NODES.post(sharing, "/user/checkAuth", "{\"token\":\"" + rs + "\"}").status())
        .isEqualTo(401);
  }
}
