package io.gochat.server.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Takes the value of a flag that is not given from the environment: {@code --port} from {@code GOCHAT_PORT}. Immutable. */
public final class EnvironmentDefaults implements IDefaultValueProvider {
  private static final String PREFIX = "GOCHAT_";

  /** Read by the launcher, by the logging configuration, and by tools that measure or package the jar. */
  private static final Set<String> OTHERS = Set.of(
      "GOCHAT_LOG_LEVEL",
      "GOCHAT_JAVA_OPTS",
      "GOCHAT_PASSWORD",
      "GOCHAT_HOME",
      "GOCHAT_VERSION",
      "GOCHAT_JAR",
      "GOCHAT_JVM",
      "GOCHAT_URL",
      "GOCHAT_TOKEN");

  /**
   * What Docker and Kubernetes make for services whose name begins with gochat: {@code GOCHAT_SERVICE_HOST}, {@code
   * GOCHAT_REDIS_PORT_6379_TCP_ADDR}.
   */
  private static final Pattern SERVICE_LINKS = Pattern.compile("GOCHAT(_[A-Z0-9_]+)?_(SERVICE_HOST"
      + "|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)|GOCHAT_(NAME|ENV_.*)");

  /** And {@code GOCHAT_PORT=tcp://10.0.0.7:8080}, which has the name of a flag, but not its value. */
  private static final Pattern LINK_VALUES = Pattern.compile("(tcp|udp|sctp)://.*");

  private final Map<String, String> environment;

  /** Reads this environment. */
  public EnvironmentDefaults(Map<String, String> environment) {
    this.environment = environment.entrySet().stream()
        .filter(variable -> !isServiceLink(variable.getKey(), variable.getValue()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINKS.matcher(name).matches()
        || (name.startsWith(PREFIX)
            && name.endsWith("PORT")
            && LINK_VALUES.matcher(value).matches());
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option && isSetting(option)
        ? environment.get(nameOf(option))
        : null;
  }

  /** The variable of a flag, whether it is set or not. */
  private static String nameOf(OptionSpec option) {
    return PREFIX + option.longestName().substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** Whether the flag's value can only have come from the environment. */
  private boolean sets(ArgSpec argument) {
    return argument instanceof OptionSpec option
        && isSetting(option)
        && environment.containsKey(nameOf(option));
  }

  private static boolean isSetting(OptionSpec option) {
    return !option.usageHelp() && !option.versionHelp();
  }

  /** A setting that stands for no flag of any command is a mistake, and silently ignored it would be found too late. */
  public void refuseUnknown(Collection<CommandLine> commands) {
    Set<String> unknown = new TreeSet<>();
    for (String name : environment.keySet()) {
      if (name.startsWith(PREFIX) && !OTHERS.contains(name)) {
        unknown.add(name);
      }
    }
    commands.stream()
        .flatMap(command -> command.getCommandSpec().options().stream())
        .filter(EnvironmentDefaults::isSetting)
        .forEach(option -> unknown.remove(nameOf(option)));
    if (!unknown.isEmpty()) {
      throw new ConfigException(
          "The environment variable " + unknown.iterator().next() + " stands for no flag.");
    }
  }

  /** What is wrong with the command line or the environment, in one sentence. */
  public String sentence(ParameterException e) {
    String message = String.valueOf(e.getMessage()).strip();
    ArgSpec argument = e.getArgSpec();
    boolean fromEnvironment =
        argument != null && !(e instanceof MissingParameterException) && sets(argument);
    String where = fromEnvironment && argument instanceof OptionSpec option
        ? " (" + nameOf(option) + " is set)"
        : "";
    return message + where + (message.endsWith(".") || !where.isEmpty() ? "" : ".");
  }
}
