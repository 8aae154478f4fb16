package io.gochat.server.http;

import io.gochat.server.identity.Scope;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be called below {@code /admin/v1}: method, path and the scope that it takes. Immutable. */
enum AdminCall {
  PUBLISH(
      HttpMethod.POST,
      "publish",
      Scope.PUBLISH,
      Field.MSG,
      Field.CLIENT_MESSAGE_ID,
      Field.TO_USER_IDS,
      Field.TO_USER_NAMES,
      Field.ROOM_IDS),
  FIND_USER(HttpMethod.GET, "users", Scope.READ),
  CREATE_USER(HttpMethod.POST, "users", Scope.ADMIN, Field.USERNAME, Field.PASSWORD),
  USER(HttpMethod.GET, "users/{id}", Scope.READ),
  DELETE_USER(HttpMethod.DELETE, "users/{id}", Scope.ADMIN),
  DISABLE_USER(HttpMethod.POST, "users/{id}/disable", Scope.ADMIN),
  ENABLE_USER(HttpMethod.POST, "users/{id}/enable", Scope.ADMIN),
  SET_PASSWORD(HttpMethod.POST, "users/{id}/password", Scope.ADMIN, Field.PASSWORD),
  SESSIONS(HttpMethod.GET, "users/{id}/sessions", Scope.READ),
  END_SESSIONS(HttpMethod.DELETE, "users/{id}/sessions", Scope.ADMIN),
  END_SESSION(HttpMethod.DELETE, "users/{id}/sessions/{session_id}", Scope.ADMIN),
  CONNECTIONS(HttpMethod.GET, "connections", Scope.READ),
  DISCONNECT(HttpMethod.DELETE, "connections/{connection_id}", Scope.ADMIN),
  ROOM(HttpMethod.GET, "rooms/{id}", Scope.READ),
  DROP_ROOM(HttpMethod.DELETE, "rooms/{id}", Scope.ADMIN),
  WEBHOOKS(HttpMethod.GET, "webhooks", Scope.READ),
  ENABLE_WEBHOOK(HttpMethod.POST, "webhooks/{name}/enable", Scope.ADMIN),
  DEAD_LETTERS(HttpMethod.GET, "webhooks/{name}/dead", Scope.READ),
  SEND_DEAD_LETTERS(HttpMethod.POST, "webhooks/{name}/dead/send", Scope.ADMIN),
  SEND_DEAD_LETTER(HttpMethod.POST, "webhooks/{name}/dead/{event_id}/send", Scope.ADMIN),
  DELETE_DEAD_LETTER(HttpMethod.DELETE, "webhooks/{name}/dead/{event_id}", Scope.ADMIN),
  NODE(HttpMethod.GET, "node", Scope.READ),
  BACKUP(HttpMethod.POST, "backup", Scope.ADMIN);

  /** In front of every path. */
  static final String PREFIX = "/admin/v1/";

  @SuppressWarnings("ImmutableEnumChecker") // a method is a name
  private final HttpMethod method;

  @SuppressWarnings("ImmutableEnumChecker") // List.of: it is
  private final List<String> segments;

  private final Scope scope;

  @SuppressWarnings("ImmutableEnumChecker") // Map.copyOf: it is
  private final Map<String, Field> fields;

  AdminCall(HttpMethod method, String path, Scope scope, Field... fields) {
    this.method = method;
    this.segments = List.of(path.split("/", -1));
    this.scope = scope;
    this.fields =
        Stream.of(fields).collect(Collectors.toUnmodifiableMap(Field::key, field -> field));
  }

  /**
   * A call, and what stands in the variable parts of its path.
   *
   * @param arguments in their order
   */
  record Match(AdminCall call, List<String> arguments) {}

  /** Which call this is; null: there is none of this path and method. */
  static @Nullable Match match(HttpMethod method, String path) {
    for (AdminCall call : values()) {
      List<String> arguments = call.method.equals(method) ? call.argumentsIn(path) : null;
      if (arguments != null) {
        return new Match(call, arguments);
      }
    }
    return null;
  }

  /** The methods of a path, for {@code Allow}; empty: the path is unknown. */
  static Set<String> methods(String path) {
    Set<String> methods = new TreeSet<>();
    for (AdminCall call : values()) {
      if (call.argumentsIn(path) != null) {
        methods.add(call.method.name());
      }
    }
    return methods;
  }

  private @Nullable List<String> argumentsIn(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length != segments.size()) {
      return null;
    }
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (segments.get(i).startsWith("{") && !parts[i].isEmpty()) {
        arguments.add(parts[i]);
      } else if (!segments.get(i).equals(parts[i])) {
        return null;
      }
    }
    return arguments;
  }

  /** What a key must be allowed. */
  Scope scope() {
    return scope;
  }

  /** The fields that are read of its body. */
  Map<String, Field> fields() {
    return fields;
  }

  /** Its method. */
  HttpMethod method() {
    return method;
  }

  /** Its path below the prefix, with names in braces. */
  String path() {
    return String.join("/", segments);
  }
}
