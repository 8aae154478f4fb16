package io.gochat.bench;

import io.gochat.bench.chat.ChatCommand;
import io.gochat.bench.crowd.CrowdCommand;
import io.gochat.bench.hooks.HooksCommand;
import io.gochat.bench.jmh.BenchCommand;
import io.gochat.bench.load.LoadCommand;
import io.gochat.bench.process.AtExit;
import io.gochat.bench.verify.VerifyCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

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
  private static final int NOT_POSSIBLE = 2;

  private Main() {}

  /** Runs a subcommand and exits with its status: 0 all is well, 1 what was tested failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args.length == 0 ? new String[] {"--help"} : args));
  }

  /** What was wrong stands last, where it is seen, and not above a page of help. */
  private static int refuse(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    String name = "./" + command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();
    err.println(name + " --help lists the options.");
    UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println(name + ": " + wrong.getMessage());
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** Status 1 says that what was tested is broken, which a bug of the tool does not show. */
  private static int fail(Exception bug, CommandLine command, ParseResult parsed) {
    if (AtExit.isUnderWay()) {
      return NOT_POSSIBLE;
    }
    PrintWriter err = command.getErr();
    bug.printStackTrace(err);
    err.println("./" + command.getCommandSpec().qualifiedName() + ": " + bug);
    err.flush();
    return NOT_POSSIBLE;
  }

  /** The command line with every subcommand; also what tests run. */
  public static CommandLine commandLine() {
    CommandLine load = new CommandLine(new LoadCommand())
        .addSubcommand(new CrowdCommand())
        .addSubcommand(new HooksCommand());
    return new CommandLine(new Main())
        .addSubcommand(load)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::refuse)
        .setExecutionExceptionHandler(Main::fail);
  }
}
