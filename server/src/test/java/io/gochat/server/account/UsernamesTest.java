package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.gochat.server.account.Usernames.Verdict;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
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
    "ａｄｍｉｎ, admin",
    "ＡＤmin, admin",
    "ｶﾞｲﾄﾞ, ガイド",
    "ﾡ, ㄱ",
    "a\u3000b, a b",
    "نامه‌ای, نامهای",
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
      if (hasOneForm(codePoint) && codePoint % 64 != 0) {
        continue; // a quarter of a million ideographs and private characters
      }
      // Decomposed: changing the case of what is not in canonical order changes more than the case.
      String text = Normalizer.normalize("a" + Character.toString(codePoint) + "\u0301b", Form.NFD);
      if (Usernames.judge(text) instanceof Verdict.Valid valid) {
        Set<String> keys = new HashSet<>();
        keys.add(valid.key());
        keys.add(key(valid.key()));
        keys.add(key(text.toUpperCase(Locale.ROOT)));
        keys.add(key(text.toLowerCase(Locale.ROOT)));
        keys.add(key(Normalizer.normalize(text, Form.NFC)));
        if (keys.size() > 1) { // asserting a million times takes longer than all the rest
          fail("U+%x has the keys %s", codePoint, keys);
        }
      }
    }
  }

  private static boolean hasOneForm(int codePoint) {
    String text = Character.toString(codePoint);
    return Character.toUpperCase(codePoint) == codePoint
        && Character.toLowerCase(codePoint) == codePoint
        && text.toUpperCase(Locale.ROOT).equals(text)
        && Normalizer.isNormalized(text, Form.NFKD);
  }

  @Test
  void name_is_shown_as_written_but_composed() {
    assertThat(Usernames.judge("CafE\u0301"))
        .isEqualTo(new Verdict.Valid("Caf\u00c9", "caf\u00e9", "caf\u00e9"));
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
        "a\u200db",
        "a\u200cb",
        "\u200cadmin",
        "admin\u200c",
        "\u0646\u200c",
        "\u0627\u200c\u0628",
        "\u0646\u200d\u0647",
      })
  void unusable_names_are_refused(String raw) {
    assertThat(Usernames.judge(raw)).isInstanceOf(Verdict.Invalid.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", // Persian: between what joins before and
        // after
        "\u0645\u06cc\u064e\u200c\u0634\u0648\u062f", // a vowel sign in between does not matter
        "\u0915\u094d\u200d\u0937", // Devanagari: behind a virama
        "\u0915\u094d\u200c\u0937",
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3", // Sinhala: Sri
      })
  void joiners_may_stand_where_scripts_need_them(String raw) {
    assertThat(Usernames.judge(raw)).isInstanceOfSatisfying(Verdict.Valid.class, valid -> {
      assertThat(valid.name()).as("as written").isEqualTo(Normalizer.normalize(raw, Form.NFC));
      assertThat(valid.key()).doesNotContain("\u200c", "\u200d");
    });
  }

  @Test
  void widths_are_mapped_as_unicode_says() {
    for (int codePoint = 0xFF00; codePoint <= 0xFFEF; codePoint++) {
      int narrowed = Widths.narrowed(codePoint);

      assertThat(Normalizer.normalize(Character.toString(narrowed), Form.NFKC))
          .as("U+" + Integer.toHexString(codePoint))
          .isEqualTo(Normalizer.normalize(Character.toString(codePoint), Form.NFKC));
      if (Character.isDefined(codePoint) && codePoint != 0xFFE7) {
        assertThat(narrowed).as("U+" + Integer.toHexString(codePoint)).isLessThan(0xFF00);
      }
    }
  }

  @Test
  void a_name_of_before_keeps_the_key_it_had() {
    assertThat(Usernames.judge("ａｄｍｉｎ")).isEqualTo(new Verdict.Valid("ａｄｍｉｎ", "admin", "ａｄｍｉｎ"));
    assertThat(Usernames.judge("Ａｄｍｉｎ")).isEqualTo(new Verdict.Valid("Ａｄｍｉｎ", "admin", "ａｄｍｉｎ"));
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
    return Usernames.judge(raw) instanceof Verdict.Valid valid
        ? valid.key()
        : fail("refused: %s", raw);
  }
}
