package io.gochat.bench;

import io.gochat.bench.chat.ChatCommand;
import io.gochat.bench.crowd.CrowdCommand;
import io.gochat.bench.jmh.BenchCommand;
import io.gochat.bench.load.LoadCommand;
import io.gochat.bench.verify.VerifyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The tools beside the server, as {@code ./gochat} calls them: one subcommand each. */
@Command(
    name = "gochat",
    description =
        "Tools for a GoChat server: load, benchmarks, verification and a terminal client.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchCommand.class,
      VerifyCommand.class,
      ChatCommand.class,
    })
public final class Main {
  private Main() {}

  /** Runs a subcommand and exits with its status: 0 all is well, 1 what was tested failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args.length == 0 ? new String[] {"--help"} : args));
  }

  /** The command line with every subcommand; also what tests run. */
  public static CommandLine commandLine() {
    CommandLine load = new CommandLine(new LoadCommand()).addSubcommand(new CrowdCommand());
    return new CommandLine(new Main())
        .addSubcommand(load)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }
}
