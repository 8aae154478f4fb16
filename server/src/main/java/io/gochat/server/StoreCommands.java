package io.gochat.server;

import io.gochat.server.embedded.Backup;
import io.gochat.server.embedded.Repair;
import io.gochat.server.embedded.StoreOpenException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that work on a data directory while no server does. Each is used once, by one thread. */
final class StoreCommands {
  private StoreCommands() {}

  /** Where the store is; the same flag and variable as the server's. */
  static final class DataDir {
    @Option(
        names = "--data-dir",
        paramLabel = "DIR",
        defaultValue = "./data",
        description = "Directory of the embedded store. Default: ${DEFAULT-VALUE}")
    private Path path = Path.of("data");
  }

  /** {@code repair}. */
  @Command(
      name = "repair",
      description =
          "Keeps what can be read of a damaged data directory and says what was lost. The damaged files"
              + " stay beside the new ones; everybody must log in again.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      usageHelpAutoWidth = true)
  static final class RepairCommand implements Callable<Integer> {
    @Mixin
    private final DataDir dataDir = new DataDir();

    @Override
    public Integer call() throws StartException {
      return refusing(() -> Repair.run(dataDir.path, System.out::println));
    }
  }

  /** {@code backup}. */
  @Command(
      name = "backup",
      description = "Copies the data of a server that is stopped.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      usageHelpAutoWidth = true)
  static final class BackupCommand implements Callable<Integer> {
    @Mixin
    private final DataDir dataDir = new DataDir();

    @Option(
        names = "--to",
        paramLabel = "DIR",
        required = true,
        description = "Where the backup goes; must not exist.")
    private Path target = Path.of("");

    @Override
    public Integer call() throws StartException {
      return refusing(() -> {
        Backup.create(dataDir.path, target);
        System.out.println("backup of " + dataDir.path + " in " + target);
      });
    }
  }

  /** {@code restore}. */
  @Command(
      name = "restore",
      description =
          "Makes a data directory of a backup. Clients notice that what came after the backup is gone.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      usageHelpAutoWidth = true)
  static final class RestoreCommand implements Callable<Integer> {
    @Mixin
    private final DataDir dataDir = new DataDir();

    @Option(names = "--from", paramLabel = "DIR", required = true, description = "The backup.")
    private Path source = Path.of("");

    @Override
    public Integer call() throws StartException {
      return refusing(() -> {
        Backup.restore(source, dataDir.path);
        System.out.println(dataDir.path + " restored from " + source);
      });
    }
  }

  private interface StoreWork {
    void run() throws StoreOpenException;
  }

  private static int refusing(StoreWork work) throws StartException {
    try {
      work.run();
      return 0;
    } catch (StoreOpenException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
