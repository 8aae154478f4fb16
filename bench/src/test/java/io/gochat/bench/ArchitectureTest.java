package io.gochat.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.gochat.testing.ClassCycles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which tool may know what, and that one name means one thing. */
class ArchitectureTest {
  private static final String ROOT = "io.gochat.bench";

  /** To be lowered, never raised. */
  private static final int CLASSES_IN_CYCLES = 4;

  /** Package → the packages of this module that it may import besides itself. */
  private static final Map<String, List<String>> MAY_IMPORT = new TreeMap<>(Map.ofEntries(
      Map.entry("common", List.of()),
      Map.entry("process", List.of("common")),
      Map.entry("api", List.of("common")),
      Map.entry("chat", List.of("common", "api")),
      Map.entry("jmh", List.of("common", "load")),
      Map.entry("websocket", List.of()),
      Map.entry("redis", List.of()),
      Map.entry("load", List.of("common", "process", "api", "websocket", "redis")),
      Map.entry("crowd", List.of("common", "process", "api", "websocket")),
      Map.entry("verify", List.of("common", "process", "api", "websocket", "redis")),
      Map.entry("hooks", List.of("common", "process"))));

  /** A program's entry, an address, the path of a publish; and the command that measures that path is called so. */
  private static final Set<String> MEAN_THE_SAME =
      Set.of("package-info", "Main", "HostAndPort", "WritePath");

  private static final JavaClasses BENCH =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

  static Stream<String> packages() {
    return MAY_IMPORT.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void a_package_imports_only_what_the_table_allows(String name) {
    List<String> allowed = new ArrayList<>(List.of(ROOT + "." + name + ".."));
    MAY_IMPORT.getOrDefault(name, List.of()).forEach(other -> allowed.add(ROOT + "." + other));

    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + name + "..")
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + "..")
            .and(DescribedPredicate.not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .check(BENCH);
  }

  @Test
  void every_package_is_in_the_table() {
    Set<String> names = BENCH.stream()
        .map(JavaClass::getPackageName)
        .filter(name -> !name.equals(ROOT))
        // JMH generates its own below jmh.
        .map(name -> name.substring(ROOT.length() + 1).split("\\.", 2)[0])
        .collect(Collectors.toSet());

    assertThat(MAY_IMPORT.keySet()).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void packages_are_free_of_cycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(BENCH);
  }

  @Test
  void nobody_imports_the_root() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT))
        .check(BENCH);
  }

  @Test
  void every_package_is_null_marked() {
    BENCH.stream()
        .map(JavaClass::getPackage)
        .filter(each -> !each.getName().contains("jmh_generated"))
        .distinct()
        .forEach(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
            .as(each.getName())
            .isTrue());
  }

  @Test
  void one_name_means_one_thing_here_and_in_the_server_and_the_sdk() {
    Map<String, Set<String>> meanings = new TreeMap<>();
    new ClassFileImporter()
        .withImportOption(new DoNotIncludeTests()).importPackages("io.gochat").stream()
            .filter(JavaClass::isTopLevelClass)
            .filter(each -> !each.getPackageName().contains("jmh_generated"))
            .filter(each -> !MEAN_THE_SAME.contains(each.getSimpleName()))
            .forEach(each -> meanings
                .computeIfAbsent(each.getSimpleName(), name -> new TreeSet<>())
                .add(each.getPackageName()));
    // What the others call alike among themselves is their matter.
    meanings
        .values()
        .removeIf(packages ->
            packages.size() == 1 || packages.stream().noneMatch(each -> each.startsWith(ROOT)));

    assertThat(meanings).isEmpty();
  }

  @Test
  void classes_that_need_each_other_grow_no_more() {
    List<Set<String>> cycles = ClassCycles.below(Path.of("target", "classes"));

    assertThat(ClassCycles.count(cycles))
        .as("classes in cycles:%n%s", ClassCycles.describe(cycles))
        .isLessThanOrEqualTo(CLASSES_IN_CYCLES);
  }
}
