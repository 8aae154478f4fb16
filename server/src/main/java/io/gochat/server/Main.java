package io.gochat.server;

import io.gochat.server.config.ConfigException;
import io.gochat.server.config.FlagDefaults;
import io.gochat.server.embedded.EmbeddedStore;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line of the server jar. Exit status 0: done; 1: could not start or failed; 2: the settings are wrong. Flags
 * without a command start the server.
 */
@Command(
    name = "gochat",
    description =
        "GoChat: chat and push on one port: HTTP, WebSocket, frames, a page for browsers, with and without TLS.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true,
    subcommands = {
      ServerCommand.class,
      StoreCommands.RepairCommand.class,
      StoreCommands.BackupCommand.class,
      StoreCommands.RestoreCommand.class,
      MigrateCommand.class,
      NewEpochCommand.class,
      KeyCommand.class,
      AdminCommand.class,
      WarmUpCommand.class
    },
    footer = {"", "Flags without a command start the server. 'server --help' lists them."})
public final class Main {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  private Main() {}

  /** Runs a command and exits with its status. */
  public static void main(String[] args) {
    failFastOnDirectMemory();
    watchFewBuffers();
    loadAhead(args);
    System.exit(run(args, System.getenv()));
  }

  /** The store's native library takes as long as reading the command line; a start on two cores does both at once. */
  private static void loadAhead(String[] args) {
    List<String> words = List.of(withCommand(args));
    if (words.get(0).equals("server")
        && !System.getenv().containsKey("GOCHAT_CONFIG")
        && words.stream()
            .noneMatch(word -> word.startsWith("--redis") || word.startsWith("--config"))) {
      Path dataDirectory = dataDirectory(words);
      Thread loader = new Thread(() -> loadQuietly(dataDirectory), "gochat-loader");
      loader.setDaemon(true);
      loader.start();
    }
  }

  /** As well as it can be told before the command line is read; a wrong guess costs a little time. */
  private static Path dataDirectory(List<String> words) {
    String flag = "--data-dir";
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).startsWith(flag + "=")) {
        return Path.of(words.get(i).substring(flag.length() + 1));
      }
      if (words.get(i).equals(flag) && i + 1 < words.size()) {
        return Path.of(words.get(i + 1));
      }
    }
    return Path.of(System.getenv().getOrDefault("GOCHAT_DATA_DIR", "data"));
  }

  private static void loadQuietly(Path dataDirectory) {
    try {
      EmbeddedStore.loadLibraryOf(dataDirectory);
    } catch (RuntimeException | Error e) {
      // Opening the store meets the same and says so.
      LoggerFactory.getLogger(Main.class).debug("loading ahead failed", e);
    }
  }

  /**
   * Through the JVM's own door a reservation that finds no room collects and sleeps for half a second, on an event loop;
   * Netty's fails at once. Budgets keep both from happening. The manifest opens the way, and before Netty is loaded this
   * tells it to be used.
   */
  private static void failFastOnDirectMemory() {
    String door = "io.netty.tryReflectionSetAccessible";
    if (System.getProperty(door) == null) {
      System.setProperty(door, "true");
    }
  }

  /**
   * Netty takes the stack of each 128th buffer, to tell where it was made should it be lost: 2 % of all that a push costs.
   * Fewer of them find a leak as surely, a little later.
   */
  private static void watchFewBuffers() {
    String interval = "io.netty.leakDetection.samplingInterval";
    if (System.getProperty(interval) == null) {
      System.setProperty(interval, "4096");
    }
  }

  static int run(String[] args, Map<String, String> environment) {
    String[] words = withCommand(args);
    try {
      FlagDefaults defaults = FlagDefaults.of(List.of(words), environment);
      LogSetup.refusal(environment).ifPresent(sentence -> {
        throw new ConfigException(sentence);
      });
      return configured(new CommandLine(new Main()), defaults).execute(words);
    } catch (ConfigException e) {
      new PrintWriter(System.err, true, StandardCharsets.UTF_8).println(e.getMessage());
      return WRONG_USAGE;
    }
  }

  /** The server is what this jar is for: its flags need no command in front. */
  private static String[] withCommand(String[] args) {
    boolean flagsOnly =
        args.length == 0 || (args[0].startsWith("-") && !args[0].matches("-h|--help|-V|--version"));
    if (!flagsOnly) {
      return args;
    }
    String[] withCommand = new String[args.length + 1];
    withCommand[0] = "server";
    System.arraycopy(args, 0, withCommand, 1, args.length);
    return withCommand;
  }

  /** What all of our commands have in common: the same defaults, and one sentence for whatever is wrong. */
  private static CommandLine configured(CommandLine commandLine, FlagDefaults defaults) {
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    commandLine.setErr(err);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setDefaultValueProvider(defaults);
    commandLine.setExecutionStrategy(parsed -> {
      if (parsed.hasSubcommand() && !parsed.subcommand().isUsageHelpRequested()) {
        try {
          defaults.refuseUnknown(parsed.commandSpec().subcommands().values());
        } catch (ConfigException e) {
          err.println(e.getMessage());
          return WRONG_USAGE;
        }
      }
      return new CommandLine.RunLast().execute(parsed);
    });
    commandLine.setParameterExceptionHandler((e, args) -> {
      err.println(defaults.sentence(e));
      return WRONG_USAGE;
    });
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> {
      if (e instanceof ConfigException) {
        tell(err, e);
        return WRONG_USAGE;
      }
      if (e instanceof StartException) {
        tell(err, e);
        LoggerFactory.getLogger(Main.class).debug("start refused", e);
        return FAILED;
      }
      LoggerFactory.getLogger(Main.class).error("a bug of ours", e);
      return FAILED;
    });
    return commandLine;
  }

  /** In one line; a JSON object where standard error holds nothing else. */
  private static void tell(PrintWriter err, Exception refusal) {
    if (LogSetup.isJson()) {
      LoggerFactory.getLogger(Main.class).error("{}", refusal.getMessage());
    } else {
      err.println(refusal.getMessage());
    }
  }
}
