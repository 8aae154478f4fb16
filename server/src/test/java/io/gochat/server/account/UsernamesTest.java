package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.account.Usernames.Verdict;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsernamesTest {
  @ParameterizedTest
  @CsvSource({
    "alice, ALICE",
    "straße, STRASSE",
    "straße, STRAẞE",
    "strasse, STRAẞE",
    "ΣΊΣΥΦΟΣ, σίσυφος",
    "σίσυφος, σίσυφοσ",
    "caf\u00e9, cafe\u0301",
    "CAFE\u0301, caf\u00e9",
    "\u212bngstr\u00f6m, a\u030angstro\u0308m",
    "\ufb01sh, FISH",
    "\u0390, \u0399\u0308\u0301",
    "\u1fb3, \u0391\u0345",
    "\u0130x, i\u0307X",
    "\u212a, k",
    "\u01c5, \u01c6",
    "\u10d0, \u1c90",
    "\ud801\udc00, \ud801\udc28",
  })
  void names_that_differ_by_case_or_form_are_one(String one, String other) {
    assertThat(key(one)).isEqualTo(key(other));
  }

  @ParameterizedTest
  @CsvSource({"alice, al1ce", "cafe, café", "a b, ab", "名前, 名"})
  void different_names_stay_different(String one, String other) {
    assertThat(key(one)).isNotEqualTo(key(other));
  }

  @Test
  void key_of_every_character_is_stable_under_case_and_form() {
    for (int codePoint = 1; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      // Decomposed: changing the case of what is not in canonical order changes more than the case.
      String text = Normalizer.normalize("a" + Character.toString(codePoint) + "\u0301b", Form.NFD);
      if (Usernames.judge(text) instanceof Verdict.Valid valid) {
        String where = "U+" + Integer.toHexString(codePoint);
        assertThat(key(valid.key())).as(where).isEqualTo(valid.key());
        assertThat(key(text.toUpperCase(Locale.ROOT))).as(where).isEqualTo(valid.key());
        assertThat(key(text.toLowerCase(Locale.ROOT))).as(where).isEqualTo(valid.key());
        assertThat(key(Normalizer.normalize(text, Form.NFC))).as(where).isEqualTo(valid.key());
      }
    }
  }

  @Test
  void name_is_shown_as_written_but_composed() {
    assertThat(Usernames.judge("CafE\u0301"))
        .isEqualTo(new Verdict.Valid("Caf\u00c9", "caf\u00e9"));
  }

  @Test
  void default_locale_does_not_matter() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(key("TITLE")).isEqualTo("title");
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " a",
        "a ",
        "\u3000a",
        "a\u00a0",
        "a\u0000b",
        "a\nb",
        "a\u007fb",
        "a\u200bb",
        "a\u202eb",
        "\ufeffa",
        "a\u2028b",
        "a\ud800",
        "\udc00a",
        "a\ud800b",
        "a\u0378b",
        "a\uffffb",
        "a\udb40\udc01",
      })
  void unusable_names_are_refused(String raw) {
    assertThat(Usernames.judge(raw)).isInstanceOf(Verdict.Invalid.class);
  }

  @Test
  void length_counts_code_points_after_composing() {
    assertThat(Usernames.judge("e\u0301".repeat(64))).isInstanceOf(Verdict.Valid.class);
    assertThat(Usernames.judge("🦊".repeat(64))).isInstanceOf(Verdict.Valid.class);
    assertThat(Usernames.judge("a".repeat(65))).isInstanceOf(Verdict.Invalid.class);
    assertThat(Usernames.judge("🦊".repeat(65))).isInstanceOf(Verdict.Invalid.class);
    assertThat(Usernames.judge("\u0301".repeat(5_000_000))).isInstanceOf(Verdict.Invalid.class);
  }

  private static String key(String raw) {
    Verdict verdict = Usernames.judge(raw);
    assertThat(verdict).isInstanceOf(Verdict.Valid.class);
    return ((Verdict.Valid) verdict).key();
  }
}
