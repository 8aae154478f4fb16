package io.gochat.server.account;

/**
 * Full-width and half-width forms, and what they are forms of: the decomposition mappings of Unicode that are marked
 * {@code <wide>} and {@code <narrow>}, and no others. Stateless.
 */
final class Widths {
  /** Half-width katakana and punctuation, U+FF61 to U+FF9F, in their order. */
  private static final String KATAKANA =
      "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A";

  /** U+FFE0 to U+FFEE; U+FFE7 is none. */
  private static final String SIGNS =
      "\u00A2\u00A3\u00AC\u00AF\u00A6\u00A5\u20A9\uFFE7\u2502\u2190\u2191\u2192\u2193\u25A0\u25CB";

  private Widths() {}

  /** What the code point is a form of; itself when it is none. */
  static int narrowed(int codePoint) {
    if (codePoint == 0x3000) {
      return ' ';
    }
    if (codePoint < 0xFF01 || codePoint > 0xFFEE) {
      return codePoint;
    }
    if (codePoint <= 0xFF5E) {
      return codePoint - 0xFF01 + '!';
    }
    if (codePoint <= 0xFF60) {
      return codePoint - 0xFF5F + 0x2985;
    }
    if (codePoint <= 0xFF9F) {
      return KATAKANA.charAt(codePoint - 0xFF61);
    }
    return codePoint < 0xFFE0 ? hangul(codePoint) : SIGNS.charAt(codePoint - 0xFFE0);
  }

  // The vowels stand in groups of six that begin every eight code points.
  private static int hangul(int codePoint) {
    if (codePoint == 0xFFA0) {
      return 0x3164;
    }
    if (codePoint <= 0xFFBE) {
      return codePoint - 0xFFA1 + 0x3131;
    }
    if (codePoint < 0xFFC2 || codePoint > 0xFFDC) {
      return codePoint; // unassigned
    }
    int group = (codePoint - 0xFFC2) / 8;
    int inGroup = (codePoint - 0xFFC2) % 8;
    return inGroup > 5 ? codePoint : 0x314F + group * 6 + inGroup;
  }
}
