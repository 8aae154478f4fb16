package io.gochat.bench.load;

/** Which flag of the server is behind a refusal, so that whoever loads it can ask for another. Stateless. */
final class Refusals {
  private Refusals() {}

  /** The flag in brackets, with a blank before it; empty: no flag of the server would change it. */
  static String flags(String code) {
    return switch (code) {
      case "TOO_MANY", "too_many" ->
        " (--publish-rate, --inbox-per-sender or --max-connections-per-user of the server)";
      case "OVERLOADED", "overloaded", "HTTP 503" ->
        " (the server refuses work beyond its memory and its queues: a larger -Xmx, or less load)";
      default -> "";
    };
  }

  /** The same for signing in. */
  static String flagsOfSigningIn(int status, String what) {
    if (status != 429) {
      return "";
    }
    return what.equals("register")
        ? " (--registrations-per-minute of the server)"
        : " (--logins-per-minute or --login-failures-per-minute of the server)";
  }
}
