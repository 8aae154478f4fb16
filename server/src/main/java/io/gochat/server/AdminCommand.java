package io.gochat.server;

import io.gochat.server.config.ConfigException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code admin}: the admin API from a terminal. Used once, by one thread. */
@Command(
    name = "admin",
    description = {
      "Looks after a running server by its admin API. Prints the answer, one JSON object.",
      "",
      "  user NAME|ID                  a user",
      "  create NAME [PASSWORD]        makes a user",
      "  disable ID, enable ID         locks a user out, lets it in again",
      "  password ID PASSWORD          sets a password",
      "  delete ID                     deletes a user for good",
      "  sessions ID, logout ID        where a user is signed in; ends it all",
      "  connections [USER-ID]         who is connected to this node",
      "  disconnect CONNECTION         closes a connection",
      "  room ID, drop ID              a room; drops its history",
      "  publish room:ID|user:NAME|ID… TEXT",
      "  webhooks                      who is told of messages",
      "  webhooks dead NAME            what could not be delivered",
      "  webhooks send NAME [ID]       tries that again: one of it, or up to a hundred",
      "  webhooks drop NAME ID         deletes one of it",
      "  webhooks enable NAME          begins anew with one that has ended",
      "  node                          version, settings, figures",
      "  backup                        copies the data into --backup-dir",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true)
final class AdminCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "Where the server, or its operations address, is. Default: ${DEFAULT-VALUE}")
  private String url = "";

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      required = true,
      description = "An API key; better in GOCHAT_API_KEY, where ps does not show it.")
  private String key = "";

  @Parameters(index = "0", paramLabel = "ACTION", description = "See above.")
  private String action = "";

  @Parameters(index = "1..*", paramLabel = "ARGUMENT", description = "What it is about.")
  private List<String> arguments = new ArrayList<>();

  /** A request: method, path below the prefix, body. */
  private record Request(String method, String path, String body) {}

  @Override
  public Integer call() throws StartException {
    Request request = request();
    HttpRequest http;
    try {
      http = HttpRequest.newBuilder(URI.create(url + "/admin/v1/" + request.path()))
          .timeout(PATIENCE)
          .header("Authorization", "Bearer " + key)
          .method(request.method(), HttpRequest.BodyPublishers.ofString(request.body()))
          .build();
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--url=" + url + " is no URL.");
    }
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(http, HttpResponse.BodyHandlers.ofString());
      System.out.println(answer.body());
      return answer.statusCode() == 200 ? 0 : 1;
    } catch (IOException e) {
      throw new StartException("No answer from " + url + ": " + e + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("Interrupted.", e);
    }
  }

  private Request request() {
    return switch (action) {
      case "user" -> user();
      case "create" -> create();
      case "disable", "enable" -> post("users/" + argument(0) + "/" + action, "");
      case "password" ->
        post("users/" + argument(0) + "/password", "{\"password\":" + quoted(argument(1)) + "}");
      case "delete" -> new Request("DELETE", "users/" + argument(0), "");
      case "sessions" -> get("users/" + argument(0) + "/sessions?limit=1000");
      case "logout" -> new Request("DELETE", "users/" + argument(0) + "/sessions", "");
      case "connections" ->
        get("connections?limit=1000" + (arguments.isEmpty() ? "" : "&user_id=" + argument(0)));
      case "disconnect" -> new Request("DELETE", "connections/" + argument(0), "");
      case "room" -> get("rooms/" + argument(0));
      case "drop" -> new Request("DELETE", "rooms/" + argument(0), "");
      case "publish" -> publish();
      case "webhooks" -> webhooks();
      case "node" -> get("node");
      case "backup" -> post("backup", "");
      default -> throw new ConfigException("admin has no action " + action + "; see --help.");
    };
  }

  private Request webhooks() {
    if (arguments.isEmpty()) {
      return get("webhooks");
    }
    String path = "webhooks/" + encoded(argument(1));
    return switch (argument(0)) {
      case "dead" -> get(path + "/dead?limit=1000");
      case "send" ->
        post(
            path + "/dead" + (arguments.size() > 2 ? "/" + encoded(argument(2)) : "") + "/send",
            "");
      case "drop" -> new Request("DELETE", path + "/dead/" + encoded(argument(2)), "");
      case "enable" -> post(path + "/enable", "");
      default ->
        throw new ConfigException("admin webhooks has no action " + argument(0) + "; see --help.");
    };
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Request user() {
    String who = argument(0);
    return who.matches("[0-9]+")
        ? get("users/" + who)
        : get("users?name=" + URLEncoder.encode(who, StandardCharsets.UTF_8));
  }

  private Request create() {
    String password = arguments.size() > 1 ? ",\"password\":" + quoted(argument(1)) : "";
    return post("users", "{\"username\":" + quoted(argument(0)) + password + "}");
  }

  private Request publish() {
    if (arguments.size() < 2) {
      throw new ConfigException("publish wants recipients and a text.");
    }
    List<String> rooms = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String to : arguments.subList(0, arguments.size() - 1)) {
      if (to.matches("room:[0-9]+")) {
        rooms.add(to.substring("room:".length()));
      } else if (to.matches("[0-9]+")) {
        ids.add(to);
      } else {
        names.add(quoted(to.startsWith("user:") ? to.substring("user:".length()) : to));
      }
    }
    return post(
        "publish",
        "{\"msg\":" + quoted(arguments.get(arguments.size() - 1))
            + ",\"room_ids\":" + rooms
            + ",\"to_user_ids\":" + ids
            + ",\"to_user_names\":" + names + "}");
  }

  private String argument(int index) {
    if (index >= arguments.size()) {
      throw new ConfigException("admin " + action + " wants more to go by; see --help.");
    }
    return arguments.get(index);
  }

  private static Request get(String path) {
    return new Request("GET", path, "");
  }

  private static Request post(String path, String body) {
    return new Request("POST", path, body);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars().forEach(c -> {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append((char) c);
      } else if (c < 0x20) {
        quoted.append(String.format("\\u%04x", c));
      } else {
        quoted.append((char) c);
      }
    });
    return quoted.append('"').toString();
  }
}
