package io.alexnet.examples.cli;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import picocli.CommandLine;

/**
 * Where {@code java -jar alexnet.jar} begins. A jar cannot ask for a module, so if this JVM was
 * started without the vector module, the commands run in a second one that has it.
 */
public final class Main {

  static final String VECTOR_MODULE = "jdk.incubator.vector";

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args));
  }

  /**
   * Runs a command, as {@code java -jar alexnet.jar} does.
   *
   * @return its exit code
   */
  public static int run(String... args) throws InterruptedException {
    boolean readable = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    boolean installed = ModuleFinder.ofSystem().find(VECTOR_MODULE).isPresent();
    if (!readable && installed) {
      try {
        return ChildJvm.run(args);
      } catch (IOException e) { // no more processes, or no memory for one
        System.err.println("alexnet: the JVM cannot start another: " + e.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
      }
    }
    ChildJvm.endWithParent();
    System.setProperty("java.awt.headless", "true"); // pictures are drawn to files, on no display
    return AlexNetCommand.execute(args);
  }
}
