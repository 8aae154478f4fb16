package io.gochat.server;

import io.gochat.server.config.ConfigException;
import io.gochat.server.config.FlagDefaults;
import io.gochat.server.config.GivenFlags;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.config.ServerFlags.Reading;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * The settings that a process was started with, and those that it has taken over since. For one thread at a time: that of
 * the start, then that of signals.
 */
final class RunningSettings {
  private static final Logger log = LoggerFactory.getLogger(RunningSettings.class);

  private final List<String> arguments;
  private final FlagDefaults defaults;
  private final Collection<CommandLine> commands;
  private GivenFlags running;

  /** {@code arguments} are those of the command line, {@code commands} all that know flags. */
  RunningSettings(List<String> arguments, FlagDefaults defaults, Collection<CommandLine> commands) {
    this.arguments = arguments;
    this.defaults = defaults;
    this.commands = commands;
    this.running = ServerFlags.read(arguments, defaults).given();
  }

  /** What is not the default, for the log. */
  String describe() {
    return running.describe();
  }

  /** The server looks at its files, and takes what has changed and can change; what is wrong changes nothing. */
  synchronized void readAgain(Server server) {
    server.lookAtFiles();
    try {
      FlagDefaults now = defaults.again(arguments);
      now.refuseUnknown(commands);
      take(server, ServerFlags.read(arguments, now));
    } catch (ConfigException e) {
      log.warn("the settings stay those of before: {}", e.getMessage());
    }
  }

  private void take(Server server, Reading next) {
    List<String> changed = next.given().changedSince(running);
    List<String> taken = changed.stream().filter(ServerFlags::isReloaded).toList();
    List<String> waiting =
        changed.stream().filter(flag -> !ServerFlags.isReloaded(flag)).toList();
    if (!taken.isEmpty()) {
      LogSetup.take(next.config().log());
      server.take(next.config());
      running = running.with(taken, next.given());
      log.info("settings were read again; changed: {}", next.given().describe(taken));
    } else {
      log.info("settings were read again; nothing has changed that can while it runs");
    }
    if (!waiting.isEmpty()) {
      log.warn("these settings wait for a restart: {}", next.given().describe(waiting));
    }
  }
}
