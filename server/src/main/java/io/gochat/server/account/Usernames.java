package io.gochat.server.account;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Locale;

/**
 * What may be a user name, and which names are the same. Stateless.
 *
 * <p>A name is kept in NFC and has 1 to 64 code points, none of them a control, format or unassigned one (whose
 * normal form a later Unicode version may change), no lone surrogate, no line break, and no white space at the edges.
 * The two joiners are the only format characters that may stand in it, where {@link Joiners} allows them.
 *
 * <p>Two names are the same when their <em>keys</em> are: the name is decomposed (NFD, so that a folding never sees a
 * composed and a decomposed form of the same character), each code point is put to lower case, the whole to upper case
 * by the full mapping that may change its length (ß → SS, ﬁ → FI, ΐ → three code points), each code point to lower
 * case again (ς and σ are both Σ before; lower-casing one code point at a time knows no final sigma), and the result is
 * composed (NFC). The first step is for capitals whose full upper case is themselves (ẞ → ß → SS → ss). No step
 * depends on a locale. It folds a little more than Unicode's CaseFolding.txt: ı and i are the same name here, which
 * errs on the side of refusing look-alikes.
 *
 * <p>In front of all that, full-width and half-width forms become what they are forms of (RFC 8265, UsernameCaseMapped:
 * {@code ａｄｍｉｎ} is {@code admin}), and joiners, which nobody sees, are dropped. Names that were registered before
 * this was so are found by their {@linkplain Verdict.Valid#earlierKey earlier key}.
 */
public final class Usernames {
  /** Longest name, in code points of its NFC. */
  public static final int MAX_CODE_POINTS = 64;

  // No code point of NFC stands for more than four others, and each has at
  // most two chars: what is longer cannot fit and need not be normalised.
  private static final int MAX_RAW_CHARS = MAX_CODE_POINTS * 4 * 2;

  private Usernames() {}

  /** What a name turned out to be. Immutable. */
  public sealed interface Verdict {
    /**
     * It may be used.
     *
     * @param name in NFC, as shown
     * @param key equal for names that differ only by case, width or Unicode form
     * @param earlierKey what the key of such a name was before widths were mapped; mostly the same
     */
    record Valid(String name, String key, String earlierKey) implements Verdict {}

    /** It may not be used; {@code detail} says why, for people. */
    record Invalid(String detail) implements Verdict {}
  }

  /** Judges a name as it came from a client. */
  public static Verdict judge(String raw) {
    if (raw.isEmpty()) {
      return new Verdict.Invalid("username: empty");
    }
    if (raw.length() > MAX_RAW_CHARS) {
      return tooLong();
    }
    // Before normalising: what is unassigned or a lone surrogate has no normal form to rely on.
    if (!raw.codePoints().allMatch(Usernames::isAllowed)) {
      return new Verdict.Invalid(
          "username: control, format, unassigned or line-breaking characters");
    }
    if (!Joiners.allPlaced(raw)) {
      return new Verdict.Invalid("username: a joiner where none may stand");
    }
    String name = Normalizer.normalize(raw, Form.NFC);
    if (name.codePointCount(0, name.length()) > MAX_CODE_POINTS) {
      return tooLong();
    }
    if (isSpace(name.codePointAt(0)) || isSpace(name.codePointBefore(name.length()))) {
      return new Verdict.Invalid("username: white space at the edges");
    }
    String mapped = Joiners.removedFrom(withoutWidth(name));
    String key = key(mapped);
    return new Verdict.Valid(name, key, mapped.equals(name) ? key : key(name));
  }

  private static Verdict tooLong() {
    return new Verdict.Invalid("username: over " + MAX_CODE_POINTS + " characters");
  }

  private static String key(String name) {
    String lower = lowerEach(Normalizer.normalize(name, Form.NFD));
    String folded = lowerEach(Normalizer.normalize(lower.toUpperCase(Locale.ROOT), Form.NFD));
    return Normalizer.normalize(folded, Form.NFC);
  }

  private static String lowerEach(String text) {
    return text.codePoints()
        .map(Character::toLowerCase)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String withoutWidth(String name) {
    return name.codePoints().allMatch(c -> Widths.narrowed(c) == c)
        ? name
        : name.codePoints()
            .map(Widths::narrowed)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  private static boolean isAllowed(int codePoint) {
    if (Joiners.isJoiner(codePoint)) {
      return true; // where they stand is looked at next
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }

  private static boolean isSpace(int codePoint) {
    return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
  }
}
