package io.gochat.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.gochat.testing.ClassCycles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The import table of ARCHITECTURE.md, and what else must hold for every class. */
class ArchitectureTest {
  private static final String ROOT = "io.gochat.server";

  /** To be lowered, never raised. */
  private static final int CLASSES_IN_CYCLES = 23;

  /** Package → the packages of ours that it may import besides {@code io.gochat.protocol} and itself. */
  private static final Map<String, List<String>> MAY_IMPORT = new TreeMap<>(Map.ofEntries(
      Map.entry("bounds", List.of()),
      Map.entry("clock", List.of()),
      Map.entry("failure", List.of()),
      Map.entry("files", List.of()),
      Map.entry("metrics", List.of()),
      Map.entry("net", List.of()),
      Map.entry("account", List.of()),
      Map.entry("session", List.of()),
      Map.entry("messaging", List.of()),
      Map.entry("cluster", List.of()),
      Map.entry("store", List.of("account", "session", "messaging", "cluster")),
      Map.entry("registry", List.of("net", "messaging", "cluster")),
      Map.entry("identity", List.of("account", "session", "files")),
      Map.entry(
          "admin",
          List.of("account", "json", "session", "messaging", "registry", "identity", "webhook")),
      Map.entry("embedded", List.of("account", "session", "messaging", "store")),
      Map.entry("redis", List.of("account", "session", "messaging", "cluster", "store")),
      Map.entry("command", List.of("net", "registry", "account", "session", "messaging")),
      Map.entry("frame", List.of("net", "command", "registry", "messaging")),
      Map.entry("json", List.of()),
      Map.entry("websocket", List.of("command", "http", "json", "net", "registry", "messaging")),
      Map.entry(
          "http",
          List.of(
              "json",
              "net",
              "registry",
              "account",
              "session",
              "messaging",
              "identity",
              "admin",
              "webhook")),
      Map.entry("tls", List.of("net")),
      Map.entry("webhook", List.of("files", "json", "messaging")),
      Map.entry("config", List.of("net", "tls", "embedded", "redis"))));

  /** What any package may import. */
  private static final List<String> LOWEST = List.of("bounds", "clock", "failure", "metrics");

  private static final JavaClasses SERVER =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

  static Stream<String> packages() {
    return MAY_IMPORT.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void a_package_imports_only_what_the_table_allows(String name) {
    List<String> allowed = new ArrayList<>(List.of("io.gochat.protocol", ROOT + "." + name + ".."));
    if (List.of("frame", "command", "websocket").contains(name)) {
      allowed.add("io.gochat.protocol.frame");
    }
    LOWEST.forEach(other -> allowed.add(ROOT + "." + other));
    MAY_IMPORT.getOrDefault(name, List.of()).forEach(other -> allowed.add(ROOT + "." + other));

    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + name + "..")
        .should()
        .dependOnClassesThat(
            ours().and(DescribedPredicate.not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .allowEmptyShould(true)
        .check(SERVER);
  }

  @Test
  void every_package_is_in_the_table() {
    List<String> names = SERVER.stream()
        .map(JavaClass::getPackageName)
        .filter(name -> !name.equals(ROOT))
        .map(name -> name.substring(ROOT.length() + 1))
        .distinct()
        .toList();

    assertThat(MAY_IMPORT.keySet()).containsAll(names);
  }

  @Test
  void nobody_imports_the_composition_root() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT))
        .check(SERVER);
  }

  @Test
  void packages_are_free_of_cycles() {
    slices().matching("io.gochat.server.(*)..").should().beFreeOfCycles().check(SERVER);
  }

  @Test
  void each_technology_has_one_home() {
    onlyIn("redis", "io.lettuce..");
    onlyIn("embedded", "org.rocksdb..");
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + ".http..", ROOT + ".webhook..")
        .should()
        .dependOnClassesThat(resideInAPackage("io.netty.handler.codec.http.."))
        .check(SERVER);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            ROOT + ".http..", ROOT + ".json..", ROOT + ".websocket..", ROOT + ".webhook..")
        .should()
        .dependOnClassesThat(resideInAPackage("com.fasterxml.jackson.."))
        .check(SERVER);
    onlyIn("account", "org.mindrot..");
    onlyIn("identity", "com.nimbusds..");
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, ROOT + ".config")
        .should()
        .dependOnClassesThat(resideInAPackage("picocli.."))
        .check(SERVER);
  }

  @Test
  void every_package_is_null_marked() {
    SERVER.stream()
        .map(JavaClass::getPackage)
        .distinct()
        .forEach(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
            .as(each.getName())
            .isTrue());
  }

  @Test
  void classes_are_final_or_meant_for_extension() {
    classes()
        .that()
        .areNotInterfaces()
        .and()
        .areNotEnums()
        .and()
        .areNotAnonymousClasses()
        .and(describe("are concrete", c -> !c.getModifiers().contains(JavaModifier.ABSTRACT)))
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(SERVER);
  }

  @Test
  void names_say_what_a_class_is() {
    List<String> banned =
        Arrays.asList("Manager", "Util", "Utils", "Helper", "Impl", "Base", "Common");
    noClasses()
        .should()
        .haveNameMatching(".*(" + String.join("|", banned) + ")")
        .check(SERVER);
  }

  private static void onlyIn(String home, String technology) {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "." + home + "..")
        .should()
        .dependOnClassesThat(resideInAPackage(technology))
        .because("it lives in " + home)
        .check(SERVER);
  }

  private static DescribedPredicate<JavaClass> ours() {
    return resideInAPackage("io.gochat..");
  }

  @Test
  void classes_that_need_each_other_grow_no_more() {
    List<Set<String>> cycles = ClassCycles.below(Path.of("target", "classes"));

    assertThat(ClassCycles.count(cycles))
        .as("classes in cycles:%n%s", ClassCycles.describe(cycles))
        .isLessThanOrEqualTo(CLASSES_IN_CYCLES);
  }
}
