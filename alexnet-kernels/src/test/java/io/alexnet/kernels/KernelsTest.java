package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.simple.SimpleLogger;

/** The look-up of {@link Kernels#best()}, in JVMs of its own as it is made once for each. */
class KernelsTest {

  private static final String[] WITH_FLAG = Kernels.VECTOR_MODULE_FLAG.split(" ");

  /** Runs in the other JVM. */
  static final class PrintBest {
    public static void main(String[] arguments) throws InterruptedException {
      Thread other = new Thread(Kernels::best);
      other.start();
      other.join();
      System.out.println(Kernels.best().name());
    }
  }

  @Test
  void simdWithTheFlag() throws Exception {
    Outcome outcome = onClassPath(WITH_FLAG);
    assertTrue(outcome.output().matches("simd-(4|8|16)"), outcome.toString());
    assertEquals(0, outcome.warnings(), outcome.toString());
  }

  @Test
  void scalarWithoutTheFlagAndOneWarningThatNamesIt() throws Exception {
    Outcome outcome = onClassPath();
    assertEquals("scalar", outcome.output());
    assertEquals(1, outcome.warnings(), outcome.toString());
    assertTrue(outcome.errors().contains("--add-modules jdk.incubator.vector"), outcome.toString());
  }

  @Test
  void simdOnTheModulePathWithoutAnyFlag() throws Exception {
    Outcome outcome =
        java(
            "--module-path",
            path(Kernels.class, LoggerFactory.class, SimpleLogger.class),
            "--patch-module",
            "io.alexnet.kernels=" + path(KernelsTest.class),
            "--module",
            "io.alexnet.kernels/" + PrintBest.class.getName());
    assertTrue(outcome.output().matches("simd-(4|8|16)"), outcome.toString());
    assertEquals(0, outcome.warnings(), outcome.toString());
  }

  @Test
  void thePropertyForcesScalarWithoutAWarning() throws Exception {
    for (String[] flag : new String[][] {WITH_FLAG, {}}) {
      Outcome outcome = onClassPath(with("-Dio.alexnet.kernels.provider=scalar", flag));
      assertEquals("scalar", outcome.output());
      assertEquals(0, outcome.warnings(), outcome.toString());
    }
  }

  @Test
  void thePropertyForcesSimd() throws Exception {
    String property = "-Dio.alexnet.kernels.provider=simd";
    Outcome outcome = onClassPath(with(property, WITH_FLAG));
    assertTrue(outcome.output().startsWith("simd-"), outcome.toString());

    Outcome refused = onClassPath(property);
    assertNotEquals(0, refused.exitCode());
    assertTrue(
        refused.errors().contains("IllegalStateException: SIMD kernels need the module")
            && refused.errors().contains("--add-modules jdk.incubator.vector"),
        refused.toString());
  }

  @Test
  void thePropertyMayAskForAuto() throws Exception {
    Outcome outcome = onClassPath(with("-Dio.alexnet.kernels.provider=auto", WITH_FLAG));
    assertTrue(outcome.output().startsWith("simd-"), outcome.toString());
  }

  @Test
  void anUnknownProviderIsRefusedByName() throws Exception {
    Outcome outcome = onClassPath(with("-Dio.alexnet.kernels.provider=gpu", WITH_FLAG));
    assertNotEquals(0, outcome.exitCode());
    assertTrue(
        outcome.errors().contains("must be auto, scalar or simd, not 'gpu'"), outcome.toString());
    assertFalse(outcome.errors().contains("ExceptionInInitializerError"), outcome.toString());
  }

  @Test
  void scalarWhereTheJvmWouldNotCompileVectors() throws Exception {
    for (String option : new String[] {"-XX:TieredStopAtLevel=1", "-Xint", "-XX:-UseFMA"}) {
      Outcome outcome = onClassPath(with(option, WITH_FLAG));
      assertEquals("scalar", outcome.output(), outcome.toString());
      assertEquals(1, outcome.warnings(), outcome.toString());
      assertTrue(outcome.errors().contains(option), outcome.toString());
    }
  }

  @Test
  void theNameTellsTheLanes() throws Exception {
    Outcome outcome = onClassPath(with("-XX:MaxVectorSize=16", WITH_FLAG));
    assertEquals("simd-4", outcome.output(), outcome.toString());
  }

  private record Outcome(int exitCode, String output, String errors) {
    long warnings() {
      return errors.lines().filter(line -> line.contains("WARN io.alexnet")).count();
    }
  }

  private static Outcome onClassPath(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(options));
    command.add("--class-path");
    command.add(path(Kernels.class, KernelsTest.class, LoggerFactory.class, SimpleLogger.class));
    command.add(PrintBest.class.getName());
    return java(command.toArray(String[]::new));
  }

  private static Outcome java(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("kernels-test", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Outcome(process.waitFor(), output, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }

  private static String[] with(String option, String... others) {
    return Stream.concat(Stream.of(option), Stream.of(others)).toArray(String[]::new);
  }

  /** Where the classes were loaded from, whatever class path the test runner made. */
  private static String path(Class<?>... classes) throws URISyntaxException {
    List<String> places = new ArrayList<>();
    for (Class<?> each : classes) {
      places.add(
          Path.of(each.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return places.stream().distinct().collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void warmsUpOnce() {
    Kernels simd = Kernels.simd();
    simd.warmUp();
    assertEquals(0, Sample.allocation(simd::warmUp), "it warms up again");
  }
}
