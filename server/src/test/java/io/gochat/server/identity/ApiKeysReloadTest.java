package io.gochat.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysReloadTest {
  @TempDir
  private Path directory;

  @Test
  void a_key_that_was_taken_out_does_not_stay_because_the_store_was_silent() throws Exception {
    Path file = Files.writeString(directory.resolve("keys"), line("billing"));
    try (StoreThatFails store = new StoreThatFails(directory.resolve("data"))) {
      ApiKeys keys = ApiKeys.load(file, store.accounts);
      Files.writeString(file, line("a-new-monitor"));
      store.isSilent = true;

      keys.reloadIfChanged();
      assertThat(keys.find("billing")).as("nobody knows yet").isPresent();
      store.isSilent = false;
      keys.reloadIfChanged();

      assertThat(keys.find("billing")).isEmpty();
      assertThat(keys.find("a-new-monitor")).isPresent();
    }
  }

  private static String line(String name) {
    return name + " publish " + ApiKey.hash(name) + "\n";
  }
}
