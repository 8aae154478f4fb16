package io.gochat.server.command;

/** What a peer sent is no command. Stackless: a hostile peer decides how often it is thrown. Immutable. */
public final class UnreadableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String word;

  /**
   * The connection cannot go on.
   *
   * @param word for the counter, of a fixed set
   * @param detail for people; quotes nothing of what came
   */
  public UnreadableException(String word, String detail) {
    super(detail, null, false, false);
    this.word = word;
  }

  String word() {
    return word;
  }
}
