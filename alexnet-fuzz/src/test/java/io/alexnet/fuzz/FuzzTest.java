package io.alexnet.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Has Jazzer look for files that readers fail at, each reader for as many seconds as the property
 * {@code fuzz.seconds} says. What it finds lies in {@code target/fuzz}; in {@code
 * src/test/resources/corpus}, under the reader's name, {@link MutationTest} tries it ever after.
 */
class FuzzTest {

  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 0);

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void noFileIsFoundThatAReaderFailsAt(Reader reader) throws Exception {
    Assumptions.assumeTrue(SECONDS > 0, "-Dfuzz.seconds=N has Jazzer look for N seconds");
    Path work = Path.of("target/fuzz", reader.name().toLowerCase(Locale.ROOT));
    Path found = Files.createDirectories(work.resolve("corpus"));
    Path sound = Files.createDirectories(work.resolve("sound"));
    try (Attempt attempt = new Attempt(reader)) {
      Files.write(sound.resolve("sound"), attempt.sound());
    }
    Path log = work.resolve("log.txt");
    Process jazzer =
        new ProcessBuilder(command(reader, work, List.of(found, sound)))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertEquals(0, jazzer.waitFor(), () -> "Jazzer found something: see " + tail(log));
    } finally {
      jazzer.destroyForcibly().waitFor();
    }
  }

  private static List<String> command(Reader reader, Path work, List<Path> corpora) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "--add-modules", "jdk.incubator.vector"));
    command.add("-Dio.alexnet.kernels.provider=scalar"); // warm at once
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
    command.add("-Dreader=" + reader.name());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + FuzzTarget.class.getName());
    command.add("--instrumentation_includes=io.alexnet.**:com.twelvemonkeys.**:com.fasterxml.**");
    command.add("--custom_hook_includes=io.alexnet.**");
    command.add("--reproducer_path=" + work);
    command.add("-artifact_prefix=" + work + "/");
    command.add("-max_total_time=" + SECONDS);
    command.add("-timeout=30");
    command.add("-rss_limit_mb=4000");
    corpora.forEach(folder -> command.add(folder.toString()));
    reader.corpora().forEach(folder -> command.add(folder.toString()));
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
