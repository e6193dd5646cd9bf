package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A JVM of its own, for what one process can do only once or only with a small heap. */
public final class ChildJvm {

  private ChildJvm() {}

  /**
   * @param arguments options, the main class and what it is given
   */
  public static ProcessBuilder of(String classPath, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // As it is read; it would print in the locale's encoding.
    command.add("-Dfile.encoding=UTF-8");
    command.add("-Dstdout.encoding=UTF-8");
    command.add("-cp");
    command.add(classPath);
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder child = new ProcessBuilder(command).redirectErrorStream(true);
    // Of which the child would tell in a line of its own.
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
        .forEach(child.environment()::remove);
    return child;
  }

  /** All that the child prints until it ends, which must be well. */
  public static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process child = builder.start();
    String said;
    try (InputStream out = child.getInputStream()) {
      said = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    assertEquals(0, child.waitFor(), said);
    return said;
  }
}
