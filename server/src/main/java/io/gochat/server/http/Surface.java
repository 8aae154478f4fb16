package io.gochat.server.http;

/** Which endpoints a port has. Immutable. */
enum Surface {
  /** All of them. */
  WHOLE,
  /** What is for users: operators have a port of their own. */
  USERS,
  /** What is for operators and their tools: that port. */
  OPERATIONS;

  /** Whether the endpoint can be called here. */
  boolean has(Endpoint endpoint) {
    boolean isForOperators = switch (endpoint.access()) {
      case OPERATIONS, KEY -> true;
      case OPEN, TOKEN, PAGE -> false;
    };
    return this == WHOLE || (this == OPERATIONS) == isForOperators;
  }
}
