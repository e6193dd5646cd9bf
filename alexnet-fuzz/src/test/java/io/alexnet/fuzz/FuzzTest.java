package io.alexnet.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Has Jazzer look for files that readers fail at, for as many seconds a reader as the property
 * {@code fuzz.seconds} says. Such a file lies in {@code target/failed}; in {@code
 * src/test/resources/corpus}, under the reader's name, {@link MutationTest} tries it ever after.
 */
@EnabledOnOs(architectures = {"amd64", "x86_64", "aarch64"}) // as Jazzer's native part
class FuzzTest {

  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 0);

  /** Jazzer takes several seconds to start: for less than this a reader, readers share a JVM. */
  private static final int SECONDS_ALONE = 60;

  static Stream<Arguments> readers() {
    List<Reader> all = List.of(Reader.values());
    if (SECONDS >= SECONDS_ALONE) {
      return all.stream().map(reader -> Arguments.of(reader.folderName(), List.of(reader)));
    }
    // Neighbours are of a kind, some kinds slower than others.
    Map<Boolean, List<Reader>> halves =
        all.stream().collect(Collectors.partitioningBy(reader -> reader.ordinal() % 2 == 0));
    return Stream.of(
        Arguments.of("first-half", halves.get(true)),
        Arguments.of("second-half", halves.get(false)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("readers")
  @Execution(ExecutionMode.CONCURRENT) // as junit-platform.properties says: two at a time
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void noFileIsFoundThatAReaderFailsAt(String name, List<Reader> readers, @TempDir Path prepared)
      throws Exception {
    Assumptions.assumeTrue(SECONDS > 0, "-Dfuzz.seconds=N has Jazzer look for N seconds a reader");
    Path work = Path.of("target/fuzz", name);
    Path found = folder(work, "found");
    Path known = folder(work, "known");
    for (int i = 0; i < readers.size(); i++) {
      Reader reader = readers.get(i);
      // Here, for Jazzer's instrumented classes are slow.
      Path folder = Files.createDirectory(prepared.resolve(reader.folderName()));
      reader.prepare(folder);
      List<Path> files = new ArrayList<>(reader.corpus());
      files.add(folder.resolve(reader.fileName));
      for (Path file : files) {
        Path seed = known.resolve(reader.folderName() + "-" + file.getFileName());
        Files.write(seed, FuzzTarget.input(i, Files.readAllBytes(file)));
      }
    }
    Path log = work.resolve("log.txt");
    Process jazzer =
        new ProcessBuilder(command(readers, prepared, work, found, known))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    // It would run on if this JVM ended first, say by Ctrl-C.
    Runtime.getRuntime().addShutdownHook(new Thread(jazzer::destroyForcibly));
    try {
      assertEquals(0, jazzer.waitFor(), () -> "Jazzer found something: see " + tail(log));
    } finally {
      jazzer.destroyForcibly().waitFor();
    }
  }

  /** A long run goes on from what the last one found; what every build does is the same. */
  private static Path folder(Path parent, String name) throws IOException {
    Path folder = parent.resolve(name);
    if (SECONDS < SECONDS_ALONE && Files.exists(folder)) {
      Temporary.delete(folder);
    }
    return Files.createDirectories(folder);
  }

  private static List<String> command(
      List<Reader> readers, Path prepared, Path work, Path found, Path known) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "--add-modules", "jdk.incubator.vector"));
    command.add("-Dio.alexnet.kernels.provider=scalar"); // warm at once
    if (SECONDS < SECONDS_ALONE) {
      command.add("-XX:TieredStopAtLevel=1"); // most of the code runs for a moment only
    }
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
    command.add("-Dreaders=" + readers.stream().map(Reader::name).collect(Collectors.joining(",")));
    command.add("-Dprepared=" + prepared);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + FuzzTarget.class.getName());
    command.add("--instrumentation_includes=io.alexnet.**:com.twelvemonkeys.**:com.fasterxml.**");
    command.add("--instrumentation_excludes=io.alexnet.kernels.**"); // read no files, only slower
    command.add("--custom_hook_includes=io.alexnet.**");
    command.add("--reproducer_path=" + work);
    command.add("-artifact_prefix=" + work + "/");
    command.add("-max_total_time=" + SECONDS * readers.size());
    command.add("-timeout=30");
    if (SECONDS < SECONDS_ALONE) {
      command.add("-seed=1"); // what every build does is the same, as far as its time goes
    }
    command.add("-rss_limit_mb=4000");
    command.addAll(List.of(found.toString(), known.toString()));
    return command;
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return log
          + "\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException e) {
      return log + ": " + e;
    }
  }
}
