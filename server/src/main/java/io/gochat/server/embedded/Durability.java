package io.gochat.server.embedded;

/** When a commit counts as done. */
public enum Durability {
  /** After the write-ahead log is on the disk: nothing accepted is lost, whatever happens to power. */
  FSYNC(0),
  /** After the operating system has it: SIGKILL loses nothing, a power cut loses the last moments. */
  ASYNC(1);

  private final int code;

  Durability(int code) {
    this.code = code;
  }

  /** How it is stored. */
  int code() {
    return code;
  }
}
