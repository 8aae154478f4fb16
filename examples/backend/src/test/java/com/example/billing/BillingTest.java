package com.example.billing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program beside a real chat server. */
class BillingTest {
  @TempDir
  Path directory;

  @Test
  void who_is_there_is_told_once_and_who_is_not_is_named() throws Exception {
    String hash =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest("key".getBytes()));
    Path keys = Files.writeString(directory.resolve("keys"), "billing publish,admin " + hash + "\n");
    Process chat = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-jar",
            "../../server/target/gochat-server.jar",
            "--port=0",
            "--host=127.0.0.1",
            "--data-dir=" + directory.resolve("data"),
            "--api-keys=" + keys)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try (BufferedReader out = new BufferedReader(new InputStreamReader(chat.getInputStream()))) {
      String url = "http://127.0.0.1:" + out.readLine().replaceFirst(".*:([0-9]+) in.*", "$1");

      String first = Billing.publish(url, "key", "i-7", "Invoice 7 is \"due\"", List.of("billing", "nobody"));
      String again = Billing.publish(url, "key", "i-7", "Invoice 7 is \"due\"", List.of("billing", "nobody"));

      assertThat(first).contains("\"duplicate\":false").contains("recipient_unknown");
      assertThat(again).contains("\"duplicate\":true");
    } finally {
      chat.destroy();
    }
  }
}
