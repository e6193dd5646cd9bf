package io.alexnet.data;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.alexnet.data", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule OF_THE_REST_ONLY_TENSORS_BATCHES_AND_FILE_FORMATS_ARE_KNOWN =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.alexnet.data.predict")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.alexnet..")
                  .and(
                      resideOutsideOfPackages(
                          "io.alexnet.data..",
                          "io.alexnet.tensor",
                          "io.alexnet.batch",
                          "io.alexnet.format")));

  @ArchTest
  static final ArchRule SOURCES_KNOW_DATASETS_AND_DATASETS_KNOW_IMAGES =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("predict")
          .definedBy("io.alexnet.data.predict")
          .layer("source")
          .definedBy("io.alexnet.data.source")
          .layer("data")
          .definedBy("io.alexnet.data")
          .layer("image")
          .definedBy("io.alexnet.data.image")
          .layer("random")
          .definedBy("io.alexnet.data.random")
          .whereLayer("predict")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("source")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("data")
          .mayOnlyBeAccessedByLayers("predict", "source")
          .whereLayer("image")
          .mayOnlyBeAccessedByLayers("predict", "data", "source");
}
