package io.alexnet.examples;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.alexnet.data.source.Download;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;

/** The modules use each other one way only: examples → data → core → kernels. */
@AnalyzeClasses(packages = "io.alexnet", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule modulesUseOnlyThoseBelow =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("kernels")
          .definedBy("io.alexnet.kernels..")
          .layer("core")
          .definedBy(
              "io.alexnet.batch..",
              "io.alexnet.tensor..",
              "io.alexnet.init..",
              "io.alexnet.layer..",
              "io.alexnet.graph..",
              "io.alexnet.zoo..",
              "io.alexnet.loss..",
              "io.alexnet.optim..",
              "io.alexnet.predict..",
              "io.alexnet.train..",
              "io.alexnet.format..")
          .layer("data")
          .definedBy("io.alexnet.data..")
          .layer("examples")
          .definedBy("io.alexnet.examples..")
          .whereLayer("examples")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("data")
          .mayOnlyBeAccessedByLayers("examples")
          .whereLayer("core")
          .mayOnlyBeAccessedByLayers("data", "examples")
          .whereLayer("kernels")
          .mayOnlyBeAccessedByLayers("core", "examples");

  /** Whoever reads objects runs what the file's author had in mind. */
  @ArchTest
  static final ArchRule nothingIsSerialisedAsJavaDoes =
      noClasses()
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              ObjectInputStream.class,
              ObjectOutputStream.class,
              java.beans.XMLDecoder.class,
              java.beans.XMLEncoder.class);

  @ArchTest
  static final ArchRule kernelProvidersAreReachedThroughKernels =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.alexnet.kernels..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.alexnet.kernels.scalar..", "io.alexnet.kernels.simd..");

  /** {@link Download} fetches a data set, when its {@code download} is called. */
  @ArchTest
  static final ArchRule librariesOpenNoSocket =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.alexnet.examples..")
          .and()
          .doNotBelongToAnyOf(Download.class)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.net..", "javax.net..", "java.rmi..", "com.sun.net..", "sun.net..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.nio\\.channels\\..*(Socket|Datagram|Multicast|Network).*");

  @ArchTest
  static final ArchRule librariesStartNoProcess =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.alexnet.examples..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Process.class, ProcessBuilder.class, ProcessHandle.class)
          .orShould()
          .callMethodWhere(target(owner(type(Runtime.class))).and(target(name("exec"))));

  @ArchTest
  static final ArchRule pagesAndPicturesDoNotKnowTheCommandLine =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.alexnet.examples.chart..",
              "io.alexnet.examples.dashboard..",
              "io.alexnet.examples.page..",
              "io.alexnet.examples.report..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.alexnet.examples.cli..");
}
