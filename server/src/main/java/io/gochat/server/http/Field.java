package io.gochat.server.http;

/** The fields that any endpoint reads, each with its one type everywhere. Immutable. */
enum Field {
  USERNAME("username", Type.TEXT),
  PASSWORD("password", Type.TEXT),
  OLD_PASSWORD("old_password", Type.TEXT),
  NEW_PASSWORD("new_password", Type.TEXT),
  TOKEN("token", Type.TEXT),
  MSG("msg", Type.TEXT),
  TO_USER_IDS("to_user_ids", Type.IDS),
  TO_USER_NAMES("to_user_names", Type.TEXTS),
  ROOM_IDS("room_ids", Type.IDS),
  TO_USER_ID("to_user_id", Type.ID),
  TO_USER_NAME("to_user_name", Type.TEXT),
  FROM_USER_ID("from_user_id", Type.ID),
  FROM_USER_NAME("from_user_name", Type.TEXT),
  ROOM_ID("room_id", Type.ID),
  CLIENT_MESSAGE_ID("client_message_id", Type.TEXT),
  INBOX("inbox", Type.FLAG),
  AFTER_SEQ("after_seq", Type.ID),
  LIMIT("limit", Type.ID),
  SEQ("seq", Type.ID);

  /** What JSON value a field takes; nothing is converted. */
  enum Type {
    TEXT("a string"),
    ID("an integer"),
    FLAG("true or false"),
    IDS("an array of integers"),
    TEXTS("an array of strings");

    private final String wanted;

    Type(String wanted) {
      this.wanted = wanted;
    }

    /** For people: what must be there. */
    String wanted() {
      return wanted;
    }
  }

  private final String key;
  private final Type type;

  Field(String key, Type type) {
    this.key = key;
    this.type = type;
  }

  /** Its key in JSON. */
  String key() {
    return key;
  }

  /** Its type. */
  Type type() {
    return type;
  }
}
