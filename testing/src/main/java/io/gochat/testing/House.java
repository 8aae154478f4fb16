package io.gochat.testing;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Measures the house: files, lines, long methods, cycles, and what the last test run skipped. Of a checkout that is
 * compiled: {@code java -cp testing/target/classes io.gochat.testing.House [DIRECTORY]}. Confined to one thread.
 */
public final class House {
  private static final List<String> MODULES =
      List.of("testing", "codec", "server", "client-sdk", "bench");
  private static final int LONG_METHOD = 30;
  // Why is told in the element's message, or by the assumption at its beginning.
  private static final Pattern SKIPPED =
      Pattern.compile("<testcase name=\"([^\"]*)\" classname=\"([^\"]*)\"[^>]*>\\s*"
          + "<skipped(?: message=\"([^\"]*)\")?(?:[^<]|<!)*?(?:due to: \\[([^\\]]*)|</|/>)");

  private House() {}

  /** Prints a table of the modules below the first argument, or here. */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments.length > 0 ? arguments[0] : ".");
    System.out.println(
        "module      files   lines  longest file                   methods  over 30     package cycles  class cycles");
    for (String module : MODULES) {
      if (Files.isDirectory(root.resolve(module).resolve("src/main/java"))) {
        System.out.println(line(module, root.resolve(module)));
      }
    }
    skipped(root).forEach(System.out::println);
  }

  private static String line(String module, Path directory) throws IOException {
    List<Path> files = sources(directory.resolve("src/main/java"));
    Map<Path, Long> lines = new TreeMap<>();
    for (Path file : files) {
      lines.put(file, lines(file));
    }
    Path longest =
        Collections.max(files, Comparator.comparing(file -> lines.getOrDefault(file, 0L)));
    List<Integer> methods = methodLines(files);
    long over = methods.stream().filter(length -> length > LONG_METHOD).count();
    Map<String, Set<String>> needs = ClassCycles.needs(directory.resolve("target/classes"));
    needs.keySet().retainAll(names(directory.resolve("src/main/java"), files));
    needs.values().forEach(others -> others.retainAll(needs.keySet()));
    return String.format(
        Locale.ROOT,
        "%-11s %5d %7d  %4d %-25s %7d  %3d (%.1f %%) %8d        %d of %d",
        module,
        files.size(),
        lines.values().stream().mapToLong(each -> each).sum(),
        lines.get(longest),
        longest.getFileName(),
        methods.size(),
        over,
        methods.isEmpty() ? 0.0 : 100.0 * over / methods.size(),
        ClassCycles.among(packages(needs)).size(),
        ClassCycles.count(ClassCycles.among(needs)),
        needs.size());
  }

  private static List<Path> sources(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static long lines(Path file) throws IOException {
    try (Stream<String> all = Files.lines(file)) {
      return all.count();
    }
  }

  /** Of what people wrote: generated classes are left out. */
  private static Set<String> names(Path directory, List<Path> files) {
    Set<String> names = new TreeSet<>();
    for (Path file : files) {
      String relative = directory.relativize(file).toString().replace('/', '.').replace('\\', '.');
      names.add(relative.substring(0, relative.length() - ".java".length()));
    }
    return names;
  }

  private static Map<String, Set<String>> packages(Map<String, Set<String>> classes) {
    Map<String, Set<String>> needs = new TreeMap<>();
    classes.forEach((name, others) -> {
      Set<String> packages = needs.computeIfAbsent(packageOf(name), own -> new TreeSet<>());
      others.forEach(other -> packages.add(packageOf(other)));
      packages.remove(packageOf(name));
    });
    return needs;
  }

  private static String packageOf(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  private static List<Integer> methodLines(List<Path> files) throws IOException {
    List<Integer> lengths = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      Iterable<? extends JavaFileObject> units = manager.getJavaFileObjectsFromPaths(files);
      JavacTask task = (JavacTask)
          compiler.getTask(null, manager, ignored -> {}, List.of("-proc:none"), null, units);
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new Methods(unit, positions, lengths).scan(unit, null);
      }
    }
    return lengths;
  }

  /** What the last run of the tests left out, and why. */
  private static List<String> skipped(Path root) throws IOException {
    List<String> skipped = new ArrayList<>();
    int reports = 0;
    for (String module : MODULES) {
      Path directory = root.resolve(module).resolve("target/surefire-reports");
      if (Files.isDirectory(directory)) {
        try (Stream<Path> files = Files.list(directory)) {
          for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
            if (file.toString().endsWith(".xml")) {
              reports++;
              addSkipped(file, skipped);
            }
          }
        }
      }
    }
    skipped.add(
        0,
        "\n" + skipped.size() + " tests skipped, by the reports of " + reports + " test classes");
    return skipped;
  }

  private static void addSkipped(Path report, List<String> skipped) {
    try {
      Matcher found = SKIPPED.matcher(Files.readString(report));
      while (found.find()) {
        String simple = found.group(2).substring(found.group(2).lastIndexOf('.') + 1);
        String why = found.group(3) == null ? found.group(4) : found.group(3);
        skipped.add("  " + simple + "." + found.group(1) + (why == null ? "" : ": " + why));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Confined to one scan. */
  private static final class Methods extends TreeScanner<Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<Integer> lengths;

    Methods(CompilationUnitTree unit, SourcePositions positions, List<Integer> lengths) {
      this.unit = unit;
      this.positions = positions;
      this.lengths = lengths;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      LineMap lines = unit.getLineMap();
      long start = lines.getLineNumber(positions.getStartPosition(unit, method));
      long end = lines.getLineNumber(positions.getEndPosition(unit, method));
      lengths.add((int) (end - start + 1));
      return super.visitMethod(method, null);
    }
  }
}
