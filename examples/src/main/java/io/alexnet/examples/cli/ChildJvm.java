package io.alexnet.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** The same program again in a JVM of its own, with the vector module. */
final class ChildJvm {

  /** Holds the process id of the JVM that started this one. */
  private static final String PARENT_PROPERTY = "io.alexnet.examples.parent";

  private static final Path TRANSPARENT_HUGE_PAGES =
      Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  /** By SIGKILL, of which a process cannot tell itself. */
  private static final int KILLED = 137;

  private static final byte[] INCUBATOR_NOTICE =
      "WARNING: Using incubator modules".getBytes(StandardCharsets.US_ASCII);

  private ChildJvm() {}

  /**
   * Runs {@link Main} with the same JVM arguments, input and output, and waits for it. A SIGINT or
   * SIGTERM to this JVM ends the child first; if the child fails in that, so does this JVM.
   *
   * @return the child's exit code
   * @throws InterruptedException if this thread is interrupted; the child has been ended then
   */
  static int run(String[] args) throws IOException, InterruptedException {
    List<String> jvmArguments = ManagementFactory.getRuntimeMXBean().getInputArguments();
    ProcessBuilder builder =
        new ProcessBuilder(command(jvmArguments, args))
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT);
    // What they hold is among the JVM's arguments; a second time it would, say, load agents twice.
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
        .forEach(builder.environment()::remove);
    Process child = builder.start();
    Thread errors =
        new Thread(() -> copyErrors(child.getErrorStream(), System.err), "alexnet-child-errors");
    errors.start();
    Thread hook = new Thread(() -> endWith(child, errors), "alexnet-end-child");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      int exitCode = child.waitFor();
      errors.join();
      if (exitCode == KILLED) {
        System.err.println(
            "alexnet: killed; if by the system, for lack of memory, give less with -Xmx");
      }
      return exitCode;
    } catch (InterruptedException e) {
      if (!child.supportsNormalTermination()) { // on Windows, where there is no asking
        child.toHandle().destroyForcibly();
      }
      end(child, errors);
      throw e;
    } finally {
      removeShutdownHook(hook);
    }
  }

  private static void removeShutdownHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down, and the hook at work.
    }
  }

  static List<String> command(List<String> jvmArguments, String[] args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Before the user's own arguments, which overrule them.
    command.add("-XX:MaxRAMPercentage=75");
    if (jvmArguments.stream().noneMatch(a -> a.matches("-XX:\\+Use\\w+GC"))) {
      // Named, as a JVM in a small container would choose another. Its large arrays begin at whole
      // regions, so that vectors are in line with the cache: 6 to 10 % faster than ParallelGC.
      command.add("-XX:+UseG1GC");
    }
    command.addAll(hugePages(jvmArguments, TRANSPARENT_HUGE_PAGES));
    command.addAll(jvmArguments);
    command.add("--add-modules");
    command.add(Main.VECTOR_MODULE);
    command.add("-D" + PARENT_PROPERTY + "=" + ProcessHandle.current().pid());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    return command;
  }

  /**
   * Flags for pages of 2 MB instead of 4 kB, or none. With small ones a product of large matrices,
   * whose rows lie a page apart, waits for the processor's table of pages: 3 to 10 % of its time.
   *
   * @param kernelSetting a text as {@code always [madvise] never}; missing but on Linux
   */
  static List<String> hugePages(List<String> jvmArguments, Path kernelSetting) {
    if (jvmArguments.stream().anyMatch(a -> a.matches("-XX:.*(LargePage|HugePages|HugeTLB).*"))) {
      return List.of();
    }
    try {
      String setting = Files.readString(kernelSetting);
      if (!setting.contains("[always]") && !setting.contains("[madvise]")) {
        return List.of(); // asked for all the same, newer JVMs warn of it on stdout
      }
    } catch (IOException e) {
      return List.of();
    }
    // Not every JVM on Linux knows the flag. The user's own have been accepted by this one already.
    return List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseTransparentHugePages");
  }

  /**
   * Asks the child to end and waits until it has. Ctrl-C in a terminal has reached it already: a
   * JVM that is shutting down takes no notice of a second signal.
   */
  private static void end(Process child, Thread errors) throws InterruptedException {
    if (child.supportsNormalTermination()) {
      child.toHandle().destroy(); // Process.destroy would close the stream of errors, too
    }
    child.waitFor();
    errors.join();
  }

  /** At the end of this JVM, whose exit code would be the signal's even if the child has failed. */
  private static void endWith(Process child, Thread errors) {
    try {
      end(child, errors);
      if (child.exitValue() == CommandLine.ExitCode.SOFTWARE) {
        Runtime.getRuntime().halt(CommandLine.ExitCode.SOFTWARE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Copies everything but the JVM's notice that it uses an incubator module. */
  static void copyErrors(InputStream from, OutputStream to) {
    try (from) {
      byte[] start = from.readNBytes(INCUBATOR_NOTICE.length);
      if (Arrays.equals(start, INCUBATOR_NOTICE)) {
        for (int next = from.read(); next >= 0 && next != '\n'; ) {
          next = from.read();
        }
      } else {
        to.write(start);
      }
      byte[] bytes = new byte[8192];
      for (int read; (read = from.read(bytes)) > 0; ) {
        to.write(bytes, 0, read);
        to.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In the child: shuts down, as on SIGTERM, when the JVM that started it is gone. */
  static void endWithParent() {
    Long parent = Long.getLong(PARENT_PROPERTY);
    if (parent != null) {
      ProcessHandle.of(parent)
          .ifPresentOrElse(
              handle -> handle.onExit().thenRunAsync(() -> System.exit(1)), () -> System.exit(1));
    }
  }
}
