package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.session.Session;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that others issued cannot be asked back: what was revoked of them stays so, whatever becomes of the store. */
class RevokedTokensTest {
  private static final Session REVOKED =
      new Session("jwt:" + "a".repeat(64), 7, "zoe", Long.MAX_VALUE / 2, 1_000, 0);
  private static final Session OURS =
      new Session("b".repeat(64), 7, "zoe", Long.MAX_VALUE / 2, 1_000, 2);

  @TempDir
  Path root;

  private Path data;

  @BeforeEach
  void make() throws Exception {
    data = root.resolve("data");
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(data)).open()) {
      fixture.store().sessions().revoke(REVOKED).join();
      fixture.store().sessions().save(OURS).join();
      fixture.accepted("something to keep");
      fixture.store().backup(root.resolve("backup"));
    }
  }

  @Test
  void a_restore_ends_our_sessions_and_revives_no_token() throws Exception {
    Path restored = root.resolve("restored");

    Backup.restore(root.resolve("backup"), restored);

    assertOnlyTheRevokedIsLeft(restored);
  }

  @Test
  void a_repair_ends_our_sessions_and_revives_no_token() throws Exception {
    Repair.run(data, line -> {});

    assertOnlyTheRevokedIsLeft(data);
  }

  private static void assertOnlyTheRevokedIsLeft(Path directory) throws Exception {
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      assertThat(fixture.store().sessions().find(REVOKED.id()).join()).contains(REVOKED);
      assertThat(fixture.store().sessions().find(OURS.id()).join()).isEmpty();
      assertThat(fixture.store().sessions().ofUser(7, 10).join()).isEmpty();
    }
  }
}
