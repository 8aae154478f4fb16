package io.gochat.protocol;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** What everybody shares knows nobody. */
class ArchitectureTest {
  private static final JavaClasses CODEC = new ClassFileImporter()
      .withImportOption(new DoNotIncludeTests())
      .importPackages("io.gochat.protocol");

  @Test
  void packages_are_free_of_cycles() {
    slices().matching("io.gochat.(**)").should().beFreeOfCycles().check(CODEC);
  }

  @Test
  void the_contract_knows_neither_frames_nor_netty() {
    noClasses()
        .that()
        .resideInAPackage("io.gochat.protocol")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.gochat.protocol.frame..").or(resideInAPackage("io.netty..")))
        .check(CODEC);
  }

  @Test
  void frames_need_no_more_of_netty_than_its_buffers() {
    noClasses()
        .should()
        .dependOnClassesThat(resideInAPackage("io.netty..")
            .and(DescribedPredicate.not(resideInAPackage("io.netty.buffer.."))))
        .check(CODEC);
  }
}
