package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be called: path, method, fields and the contract's sentence for failure. Immutable. */
enum Endpoint {
  REGISTER(
      "/user/register",
      "注册失败，用户名可能已存在",
      Access.OPEN,
      EnumSet.of(Field.USERNAME, Field.PASSWORD),
      EnumSet.noneOf(Field.class)),
  LOGIN(
      "/user/login",
      "登录失败，用户名或密码错误",
      Access.OPEN,
      EnumSet.of(Field.USERNAME, Field.PASSWORD),
      EnumSet.noneOf(Field.class)),
  CHECK_AUTH(
      "/user/checkAuth",
      "认证失败，令牌无效或已过期",
      Access.TOKEN,
      EnumSet.noneOf(Field.class),
      EnumSet.of(Field.TOKEN)),
  LOGOUT(
      "/user/logout",
      "登出失败，令牌可能已过期",
      Access.TOKEN,
      EnumSet.noneOf(Field.class),
      EnumSet.of(Field.TOKEN)),
  CHANGE_PASSWORD(
      "/user/changePassword",
      null,
      Access.TOKEN,
      EnumSet.of(Field.OLD_PASSWORD, Field.NEW_PASSWORD),
      EnumSet.of(Field.TOKEN)),
  LOGOUT_ALL(
      "/user/logoutAll", null, Access.TOKEN, EnumSet.noneOf(Field.class), EnumSet.of(Field.TOKEN)),
  SESSIONS(
      "/user/sessions", null, Access.TOKEN, EnumSet.noneOf(Field.class), EnumSet.of(Field.TOKEN)),
  DELETE_USER(
      "/user/delete",
      null,
      Access.TOKEN,
      EnumSet.noneOf(Field.class),
      EnumSet.of(Field.PASSWORD, Field.TOKEN)),
  PUSH("/push/push", "发送消息失败", Access.TOKEN, EnumSet.of(Field.MSG), PushFields.ALL),
  PUSH_ROOM(
      "/push/pushRoom",
      "发送消息失败",
      Access.TOKEN,
      EnumSet.of(Field.MSG, Field.ROOM_ID),
      PushFields.ALL),
  COUNT("/push/count", null, Access.TOKEN, EnumSet.of(Field.ROOM_ID), EnumSet.of(Field.TOKEN)),
  ROOM_INFO(
      "/push/getRoomInfo", null, Access.TOKEN, EnumSet.of(Field.ROOM_ID), EnumSet.of(Field.TOKEN)),
  HISTORY(
      "/push/history",
      null,
      Access.TOKEN,
      EnumSet.noneOf(Field.class),
      EnumSet.of(Field.TOKEN, Field.ROOM_ID, Field.INBOX, Field.AFTER_SEQ, Field.LIMIT)),
  ACK("/push/ack", null, Access.TOKEN, EnumSet.of(Field.SEQ), EnumSet.of(Field.TOKEN)),
  HEALTH("/healthz"),
  LIVE("/livez"),
  READY("/readyz"),
  METRICS("/metrics"),
  /** Everything below its path; see {@link AdminCall}. */
  ADMIN("/admin/v1", Access.KEY),
  OPENAPI("/openapi.json", Access.PAGE),
  /** All the files of the page. */
  PAGE("/", Access.PAGE);

  /** Who may call. */
  enum Access {
    /** Anybody, by POST. */
    OPEN,
    /** Whoever has a session's token, by POST. */
    TOKEN,
    /** Operators and their tools, by GET, without a body. */
    OPERATIONS,
    /** Whoever has an API key, from where nobody listens in. */
    KEY,
    /** Browsers, by GET, without a body. */
    PAGE
  }

  private static final Map<String, Endpoint> BY_PATH = new HashMap<>();

  static {
    for (Endpoint endpoint : values()) {
      BY_PATH.put(endpoint.path, endpoint);
    }
  }

  private final String path;
  private final @Nullable String failure;
  private final Access access;

  @SuppressWarnings("ImmutableEnumChecker") // List.copyOf: it is
  private final List<Field> required;

  @SuppressWarnings("ImmutableEnumChecker") // Map.copyOf: it is
  private final Map<String, Field> fields;

  Endpoint(
      String path,
      @Nullable String failure,
      Access access,
      Set<Field> required,
      Set<Field> optional) {
    this.path = path;
    this.failure = failure;
    this.access = access;
    this.required = List.copyOf(required);
    Map<String, Field> byKey = new HashMap<>();
    required.forEach(field -> byKey.put(field.key(), field));
    optional.forEach(field -> byKey.put(field.key(), field));
    this.fields = Map.copyOf(byKey);
  }

  Endpoint(String path) {
    this(path, Access.OPERATIONS);
  }

  Endpoint(String path, Access access) {
    this(path, null, access, EnumSet.noneOf(Field.class), EnumSet.noneOf(Field.class));
  }

  /** The endpoint of a path, without its query. */
  static @Nullable Endpoint at(String path) {
    Endpoint exact = BY_PATH.get(path);
    if (exact == null && path.startsWith(AdminCall.PREFIX)) {
      return ADMIN;
    }
    return exact == null && PagePaths.isPath(path) ? PAGE : exact;
  }

  /** The path. */
  String path() {
    return path;
  }

  /** For metrics: {@code push_room}. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Who may call. */
  Access access() {
    return access;
  }

  /** The fields that must be there, whatever their value. */
  List<Field> required() {
    return required;
  }

  /** The fields that are read, by key; all others are ignored. */
  Map<String, Field> fields() {
    return fields;
  }

  /** The contract's sentence, or the kind's where the contract has none. */
  String failure(ErrorKind kind) {
    return failure == null ? Sentences.of(kind) : failure;
  }

  /** Whether scripts of any origin may read the answers. */
  boolean isCrossOrigin() {
    return this != METRICS && access != Access.KEY;
  }

  /** Whether it is called by GET and HEAD. */
  boolean isRead() {
    return access == Access.OPERATIONS || access == Access.PAGE;
  }

  /** For {@code Allow}. */
  String allowed() {
    if (access == Access.KEY) {
      return "GET, POST, DELETE, OPTIONS";
    }
    return isRead() ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
  }

  /** A holder of its own: an enum's constants cannot use the enum's static fields. */
  private static final class PushFields {
    static final Set<Field> ALL = EnumSet.of(
        Field.MSG,
        Field.TO_USER_ID,
        Field.TO_USER_NAME,
        Field.FROM_USER_ID,
        Field.FROM_USER_NAME,
        Field.ROOM_ID,
        Field.TOKEN,
        Field.CLIENT_MESSAGE_ID);
  }
}
