package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordsTest {
  @Test
  void up_to_72_bytes_of_utf8_are_allowed() {
    assertThat(Passwords.problemWith("x")).isNull();
    assertThat(Passwords.problemWith("x".repeat(72))).isNull();
    assertThat(Passwords.problemWith("ä".repeat(36))).isNull();
    assertThat(Passwords.problemWith("名".repeat(24))).isNull();
    assertThat(Passwords.problemWith("🦊".repeat(18))).isNull();
  }

  @Test
  void one_byte_more_is_refused() {
    assertThat(Passwords.problemWith("x".repeat(73))).contains("72 bytes");
    assertThat(Passwords.problemWith("ä".repeat(36) + "x")).contains("72 bytes");
    assertThat(Passwords.problemWith("名".repeat(24) + "x")).contains("72 bytes");
    assertThat(Passwords.problemWith("🦊".repeat(18) + "x")).contains("72 bytes");
    assertThat(Passwords.problemWith("x".repeat(10_000_000))).contains("72 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0000b", "\u0000", "\ud83e", "\udd8a", "a\ud83eb", "\udd8a\ud83e"})
  void what_bcrypt_would_misread_is_refused(String password) {
    assertThat(Passwords.problemWith(password)).isNotNull();
  }
}
