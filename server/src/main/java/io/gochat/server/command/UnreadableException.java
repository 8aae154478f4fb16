package io.gochat.server.command;

/** What a peer sent is no command. Stackless: a hostile peer decides how often it is thrown. Immutable. */
public final class UnreadableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String word;
  private final boolean passing;

  /**
   * The connection cannot go on.
   *
   * @param word for the counter, of a fixed set
   * @param detail for people; quotes nothing of what came
   */
  public UnreadableException(String word, String detail) {
    this(word, detail, false);
  }

  private UnreadableException(String word, String detail, boolean passing) {
    super(detail, null, false, false);
    this.word = word;
    this.passing = passing;
  }

  /** The same, of something that was sent whole: who has said {@code Hello} may go on. */
  public static UnreadableException passing(String word, String detail) {
    return new UnreadableException(word, detail, true);
  }

  boolean isPassing() {
    return passing;
  }

  /** For people. */
  public String detail() {
    return String.valueOf(getMessage());
  }

  String word() {
    return word;
  }
}
