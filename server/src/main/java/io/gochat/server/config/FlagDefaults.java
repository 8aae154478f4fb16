package io.gochat.server.config;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
import picocli.CommandLine.ParseResult;

/**
 * Where the value of a flag comes from that is not on the command line: the environment ({@code --port} from {@code
 * GOCHAT_PORT}), then the file that {@code --config} names. Immutable.
 */
public final class FlagDefaults implements IDefaultValueProvider {
  /** Ends the description of a flag that SIGHUP reads again. */
  static final String RELOADED = " Read again on SIGHUP.";

  private static final String CONFIG = "--config";

  /** Read by the launcher, by the logging configuration, and by tools that measure or package the jar. */
  private static final Set<String> OTHERS = Set.of(
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
  private final ConfigFile file;

  /** This environment, and no file. */
  public FlagDefaults(Map<String, String> environment) {
    this(environment, ConfigFile.NONE);
  }

  /**
   * This environment, and the file that the command line or the environment names; reads it now.
   *
   * @throws ConfigException when it cannot be read
   */
  public static FlagDefaults of(List<String> arguments, Map<String, String> environment) {
    String path = environment.get(ConfigFile.PREFIX + "CONFIG");
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(CONFIG + "=")) {
        path = argument.substring(CONFIG.length() + 1);
      } else if (argument.equals(CONFIG) && i + 1 < arguments.size()) {
        path = arguments.get(i + 1);
      }
    }
    return new FlagDefaults(
        environment, path == null ? ConfigFile.NONE : ConfigFile.read(Path.of(path)));
  }

  private FlagDefaults(Map<String, String> environment, ConfigFile file) {
    this.file = file;
    this.environment = environment.entrySet().stream()
        .filter(variable -> !isServiceLink(variable.getKey(), variable.getValue()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINKS.matcher(name).matches()
        || (name.startsWith(ConfigFile.PREFIX)
            && name.endsWith("PORT")
            && LINK_VALUES.matcher(value).matches());
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option && isSetting(option) ? valueOf(option) : null;
  }

  private @Nullable String valueOf(OptionSpec option) {
    String value = environment.get(nameOf(option));
    return value == null ? file.value(option.longestName()) : value;
  }

  /** The same environment, and the same file as it is now. */
  public FlagDefaults again(List<String> arguments) {
    return of(arguments, environment);
  }

  /** What is said of each flag, as text, wherever it is said; flags with their default are left out. */
  GivenFlags given(ParseResult parsed) {
    Map<String, String> given = new TreeMap<>();
    for (OptionSpec option : parsed.commandSpec().options()) {
      OptionSpec typed = isSetting(option) ? parsed.matchedOption(option.longestName()) : null;
      String value =
          typed == null ? valueOf(option) : String.join(",", typed.originalStringValues());
      if (isSetting(option) && value != null && !value.equals(option.defaultValue())) {
        given.put(option.longestName(), value);
      }
    }
    return new GivenFlags(given);
  }

  /** The variable of a flag, whether it is set or not. */
  private static String nameOf(OptionSpec option) {
    return ConfigFile.PREFIX
        + option.longestName().substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static boolean isSetting(OptionSpec option) {
    return !option.usageHelp() && !option.versionHelp();
  }

  /** A setting that stands for no flag of any command is a mistake, and silently ignored it would be found too late. */
  public void refuseUnknown(Collection<CommandLine> commands) {
    Set<String> unknown = new TreeSet<>();
    for (String name : environment.keySet()) {
      if (name.startsWith(ConfigFile.PREFIX) && !OTHERS.contains(name)) {
        unknown.add(name);
      }
    }
    commands.stream()
        .flatMap(command -> command.getCommandSpec().options().stream())
        .filter(FlagDefaults::isSetting)
        .forEach(option -> unknown.remove(nameOf(option)));
    if (!unknown.isEmpty()) {
      throw new ConfigException(
          "The environment variable " + unknown.iterator().next() + " stands for no flag.");
    }
    Set<String> strange = new TreeSet<>(file.flags());
    commands.stream()
        .flatMap(command -> command.getCommandSpec().options().stream())
        .forEach(option -> strange.remove(option.longestName()));
    if (!strange.isEmpty()) {
      String flag = strange.iterator().next();
      throw new ConfigException(file.where(flag) + ": there is no flag " + flag + ".");
    }
  }

  /** What is wrong with the command line, the environment or the file, in one sentence. */
  public String sentence(ParameterException e) {
    String message = String.valueOf(e.getMessage()).strip();
    String where = e instanceof MissingParameterException ? "" : whereSet(e.getArgSpec());
    return message + where + (message.endsWith(".") || !where.isEmpty() ? "" : ".");
  }

  private String whereSet(@Nullable ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || !isSetting(option)) {
      return "";
    }
    if (environment.containsKey(nameOf(option))) {
      return " (" + nameOf(option) + " is set)";
    }
    String place = file.where(option.longestName());
    return place.isEmpty() ? "" : " (" + place + ")";
  }
}
