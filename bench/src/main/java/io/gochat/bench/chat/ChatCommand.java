package io.gochat.bench.chat;

import io.gochat.bench.api.HostAndPort;
import io.gochat.bench.api.HttpApi;
import io.gochat.bench.common.Terminal;
import io.gochat.bench.common.TlsOption;
import io.gochat.client.ChatClient;
import io.gochat.client.ClientOptions;
import io.gochat.client.ClientOptionsBuilder;
import io.gochat.client.CloseReason;
import io.gochat.client.ConnectionState;
import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./gochat chat}. */
@Command(
    name = "chat",
    description =
        "Chats in a terminal. Without a terminal: each line of standard input is said, then it ends.",
    footer = {"", "Exit status: 0 all went well, 1 something could not be done, 2 wrong usage."},
    mixinStandardHelpOptions = true)
public final class ChatCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;
  private static final String PASSWORD_VARIABLE = "GOCHAT_PASSWORD";

  @Option(names = "--user", paramLabel = "NAME", description = "Your name.")
  private @Nullable String user;

  @Option(
      names = "--password",
      description = "Your password. Default: the environment variable " + PASSWORD_VARIABLE
          + ", else you are asked.")
  private @Nullable String password;

  @Option(
      names = "--token",
      description = "A token from /user/login, instead of name and password.")
  private @Nullable String token;

  @Option(
      names = "--room",
      defaultValue = "1",
      description = "The room to begin in. Default: ${DEFAULT-VALUE}.")
  private long room = 1;

  @Option(
      names = "--host",
      defaultValue = "localhost",
      description = "The server. Default: ${DEFAULT-VALUE}.")
  private String host = "localhost";

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "Its port. Default: ${DEFAULT-VALUE}.")
  private int port = 8080;

  @Option(
      names = "--attach",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.Converter.class,
      description = "The server, as the other tools call it; instead of --host and --port.")
  private @Nullable HostAndPort attach;

  @Option(names = "--register", description = "Make the account if there is none.")
  private boolean register;

  @Option(
      names = "--device",
      defaultValue = "",
      description =
          "A name for this installation: what it has shown is remembered by itself, and it can be "
              + "connected once. Default: none.")
  private String device = "";

  @Mixin
  private final TlsOption tls = new TlsOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (attach != null) {
      host = attach.host();
      port = attach.port();
    }
    HttpApi api;
    HttpApi.User self;
    try {
      api = api();
      self = token == null ? signIn(api) : new HttpApi.User(0, "", token);
    } catch (IOException e) {
      System.err.println(
          e.getMessage() == null ? "cannot reach " + host + ":" + port : e.getMessage());
      return 1;
    }
    return chat(api, self);
  }

  private int chat(HttpApi api, HttpApi.User self) throws InterruptedException {
    Screen screen = screen();
    ChatClient client = ChatClient.create(options(self));
    ChatSession session =
        new ChatSession(client, new DirectMessages(api, self, () -> signIn(api)), screen);
    // Ctrl-C must not cost the acknowledgement of what was shown.
    Thread goodbye = new Thread(() -> {
      screen.end();
      client.close();
    });
    Runtime.getRuntime().addShutdownHook(goodbye);
    try {
      return chat(client, session, screen);
    } finally {
      client.close();
      screen.end();
    }
  }

  private HttpApi api() throws IOException {
    String authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    return new HttpApi(URI.create(tls.scheme() + "://" + authority), tls.jdk());
  }

  private int chat(ChatClient client, ChatSession session, Screen screen)
      throws InterruptedException {
    client.connect();
    session.enter(room);
    session.closed().thenAccept(state -> endIfOver(state, screen));
    try {
      for (String line = screen.read(); line != null; line = screen.read()) {
        Input input = Input.parse(line);
        if (!(input instanceof Input.Say || input instanceof Input.Nothing)) {
          screen.keep(line);
        }
        if (!session.handle(input)) {
          break;
        }
      }
    } catch (IOException e) {
      screen.note("cannot read: " + e.getMessage());
    }
    session.flush();
    if (screen instanceof TerminalScreen typed && typed.wasInterrupted()) {
      return INTERRUPTED;
    }
    return session.failed() ? 1 : 0;
  }

  /** Editing where somebody types and looks; lines elsewhere. */
  private static Screen screen() {
    String kind = System.getenv().getOrDefault("TERM", "dumb");
    if (Terminal.isOutput() && Terminal.isInput() && !kind.equals("dumb")) {
      try {
        return new TerminalScreen();
      } catch (IOException | IllegalStateException e) {
        System.err.println("no editing in this terminal: " + e.getMessage());
      }
    }
    return new PlainScreen(System.in, System.out);
  }

  /** The reading thread sits in a read that nothing interrupts: when the client is closed for good, the process ends. */
  private static void endIfOver(ConnectionState state, Screen screen) {
    CloseReason reason = state.closeReason().orElse(CloseReason.CALLER);
    if (reason != CloseReason.CALLER) {
      screen.note("closed: " + reason + (state.detail().isEmpty() ? "" : ", " + state.detail()));
      screen.end();
      // Not on this thread: the shutdown hook closes the client, and that waits for its listeners.
      new Thread(() -> System.exit(1)).start();
    }
  }

  private ClientOptions options(HttpApi.User self) {
    ClientOptionsBuilder options =
        ClientOptions.builder().host(host).port(port).deviceId(device).clientName("gochat-chat/1");
    tls.apply(options);
    String name = user;
    String secret = password;
    if (token != null || name == null || secret == null) {
      return options.token(self.token()).build();
    }
    // With the password the SDK comes back even after its session has expired.
    return options.login(name, secret).build();
  }

  private HttpApi.User signIn(HttpApi api) throws IOException, InterruptedException {
    String name = user;
    if (name == null || name.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--user or --token is needed");
    }
    String secret = password();
    password = secret;
    return register ? api.signIn(name, secret) : api.logIn(name, secret);
  }

  private String password() {
    String given = password != null ? password : System.getenv(PASSWORD_VARIABLE);
    if (given != null) {
      return given;
    }
    Console console = Terminal.isInput() ? System.console() : null;
    char[] typed = console == null ? null : console.readPassword("Password: ");
    if (typed == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--password or " + PASSWORD_VARIABLE + " is needed where nobody can be asked");
    }
    return new String(typed);
  }
}
