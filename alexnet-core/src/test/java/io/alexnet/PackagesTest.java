package io.alexnet;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which package may know which: the arrows of this module, pointing one way only. */
class PackagesTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.alexnet");

  @ParameterizedTest
  @CsvSource({
    "tensor, ''",
    "batch,  'tensor'",
    "format, 'tensor init layer graph kernels'",
    "init,   'tensor'",
    "layer,  'tensor init kernels'",
    "graph,  'tensor init layer kernels'",
    "zoo,    'tensor init layer graph kernels'",
    "loss,   'tensor kernels'",
    "optim,  'tensor layer graph kernels'",
    "predict, 'tensor batch graph'",
    "train,  'tensor batch format layer graph loss optim kernels'",
  })
  void aPackageKnowsOnly(String name, String known) {
    String[] allowed =
        Stream.concat(Stream.of(name), Arrays.stream(known.split(" ")))
            .map(other -> "io.alexnet." + other)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("io.alexnet." + name)
        .should()
        .dependOnClassesThat(resideInAPackage("io.alexnet..").and(not(resideInAnyPackage(allowed))))
        .check(CLASSES);
  }

  @Test
  void everyPackageIsInTheTable() {
    classes()
        .should()
        .resideInAnyPackage(
            Stream.of(
                    "tensor",
                    "batch",
                    "format",
                    "init",
                    "layer",
                    "graph",
                    "zoo",
                    "loss",
                    "optim",
                    "predict",
                    "train",
                    "kernels..")
                .map(name -> "io.alexnet." + name)
                .toArray(String[]::new))
        .check(CLASSES);
  }

  /** C2 does not always inline such a method, and then every vector that it returns is boxed. */
  @Test
  void noMethodReturnsAVector() {
    noMethods().should().haveRawReturnType(resideInAPackage("jdk.incubator.vector")).check(CLASSES);
  }
}
