package io.alexnet.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One engine's JVM, driven over its standard input and output. */
final class EngineProcess implements AutoCloseable {

  private static final List<String> VECTORS =
      List.of(
          "--add-modules",
          "jdk.incubator.vector",
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:+UseTransparentHugePages");

  /** The command line's own choice, whatever the JVM's would be on this machine. */
  private static final String COLLECTOR = "-XX:+UseG1GC";

  private final Process process;
  private final BufferedReader replies;
  private final PrintStream commands;

  /**
   * @param xmx heap of every engine, as in {@code 6g}
   * @param jvmOptions of this library's process alone
   * @param model ONNX Runtime's
   */
  EngineProcess(Peer peer, Task task, String xmx, List<String> jvmOptions, Path model)
      throws IOException {
    List<String> options = new ArrayList<>(List.of("-Xmx" + xmx));
    String classPath = System.getProperty("java.class.path");
    switch (peer) {
      case OURS -> {
        options.addAll(VECTORS);
        if (jvmOptions.stream().noneMatch(option -> option.matches("-XX:\\+Use\\w+GC"))) {
          options.add(COLLECTOR);
        }
        options.addAll(jvmOptions);
      }
      case LIBTORCH, DL4J -> {
        options.add("-Dorg.bytedeco.javacpp.maxbytes=0");
        options.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
        if (peer == Peer.LIBTORCH) {
          options.add("-Dorg.bytedeco.openblas.load=mkl_rt"); // its BLAS, if MKL is there
        }
        if (peer == Peer.DL4J) {
          // The JavaCPP that it was built with goes before libtorch's.
          Path jar = Path.of(classPath).toAbsolutePath();
          classPath =
              jar.resolveSibling("peers-lib").resolve("dl4j")
                  + "/*"
                  + System.getProperty("path.separator")
                  + classPath;
        }
      }
      case ONNXRUNTIME -> options.add("-D" + OnnxRuntimeEngine.MODEL_PROPERTY + "=" + model);
    }
    List<String> arguments = new ArrayList<>(List.of(peer.name()));
    arguments.addAll(task.arguments());
    process = start(classPath, options, Child.class, arguments, task.threads());
    replies = new BufferedReader(new InputStreamReader(process.getInputStream()));
    commands = new PrintStream(process.getOutputStream(), true);
  }

  /** Writes this library's network to a file for ONNX Runtime. */
  static void writeModel(Path file, Task task, String xmx) throws Exception {
    List<String> options = new ArrayList<>(VECTORS);
    options.add("-Xmx" + xmx);
    List<String> arguments = new ArrayList<>(List.of(file.toString()));
    arguments.addAll(task.arguments());
    String classPath = System.getProperty("java.class.path");
    Process writer = start(classPath, options, OnnxModel.class, arguments, task.threads());
    writer.getInputStream().transferTo(System.err);
    if (writer.waitFor() != 0) {
      throw new Failure("the model for ONNX Runtime could not be written");
    }
  }

  private static Process start(
      String classPath, List<String> options, Class<?> main, List<String> arguments, int threads)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "" + threads);
    builder.environment().put("MKL_NUM_THREADS", "" + threads);
    return builder.start();
  }

  /** Waits until the network is built. */
  Reply ready() throws IOException {
    return reply();
  }

  Reply run(int steps) throws IOException {
    commands.println("run " + steps);
    return reply();
  }

  private Reply reply() throws IOException {
    for (String line = replies.readLine(); line != null; line = replies.readLine()) {
      Reply reply = Reply.parse(line);
      if (reply != null) {
        return reply;
      }
      System.err.println(line);
    }
    throw new Failure("an engine's process ended early; what it wrote is above");
  }

  /** Processor time since its start, of all threads; 0 if the system does not tell. */
  double processorSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
  }

  @Override
  public void close() {
    commands.close(); // the end of its input ends it
    process.destroy();
  }
}
