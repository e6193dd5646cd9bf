package io.alexnet.spark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A master of Spark's standalone mode and its workers, as processes of this machine that are
 * reached by the loopback address alone, from the jars of the test's class path.
 */
final class StandaloneCluster implements AutoCloseable {

  private static final Pattern MASTER_URL = Pattern.compile("spark://127\\.0\\.0\\.1:\\d+");
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

  private final Path home;
  private final List<Process> processes = new ArrayList<>();
  private final List<Process> workers = new ArrayList<>();
  private final String url;

  /**
   * @param home folder for the installation and the logs
   */
  StandaloneCluster(Path home, int workerCount) throws Exception {
    this.home = home;
    Path jars = Files.createDirectories(home.resolve("jars"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      // Of two bindings of SLF4J the one that Spark comes with.
      if (entry.endsWith(".jar") && !jar.getFileName().toString().startsWith("slf4j-simple")) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    try {
      url =
          start(
                  "master",
                  "master.Master",
                  "--host",
                  "127.0.0.1",
                  "--port",
                  "0",
                  "--webui-port",
                  "0")
              .await(MASTER_URL);
      for (int i = 0; i < workerCount; i++) {
        Started worker =
            start(
                "worker-" + i,
                "worker.Worker",
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--webui-port",
                "0",
                "--work-dir",
                home.resolve("work-" + i).toString(),
                url);
        worker.await(Pattern.compile("Successfully registered with master"));
        workers.add(worker.process);
      }
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private record Started(Process process, BlockingQueue<String> lines) {

    String await(Pattern pattern) throws Exception {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      List<String> seen = new ArrayList<>();
      while (System.nanoTime() < deadline) {
        String line = lines.poll(1, TimeUnit.SECONDS);
        if (line != null) {
          seen.add(line);
          Matcher matcher = pattern.matcher(line);
          if (matcher.find()) {
            return matcher.group();
          }
        }
      }
      throw new IllegalStateException("no " + pattern + " in " + seen);
    }
  }

  private Started start(String name, String mainClass, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-Xmx256m", "-cp", home.resolve("jars") + "/*"));
    command.add("org.apache.spark.deploy." + mainClass);
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARK_LOCAL_DIRS", home.resolve("local").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // by the scripts of a distribution
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    processes.add(process);
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> copy(process, lines, home.resolve(name + ".log")));
    reader.setDaemon(true);
    reader.start();
    return new Started(process, lines);
  }

  private static void copy(Process process, BlockingQueue<String> lines, Path log) {
    try (BufferedReader reader = process.inputReader();
        var writer = Files.newBufferedWriter(log)) {
      for (String line; (line = reader.readLine()) != null; ) {
        lines.add(line);
        writer.write(line + "\n");
        writer.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For an application whose executors have the classes of this test. */
  SparkConf conf() {
    String classes =
        String.join(
            File.pathSeparator,
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith(".jar") || entry.contains("alexnet-"))
                .toList());
    return new SparkConf()
        .setMaster(url)
        .setAppName("test")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.executor.memory", "768m")
        .set("spark.executor.cores", "1")
        .set("spark.executor.extraClassPath", classes);
  }

  /** The processes that run tasks, oldest first. */
  List<ProcessHandle> executors() {
    return workers.stream()
        .flatMap(worker -> worker.descendants())
        .filter(process -> process.info().commandLine().orElse("").contains(EXECUTOR))
        .toList();
  }

  /** Kills a worker that runs an executor; that ends by itself. */
  void killWorkerWithExecutor() {
    workers.stream()
        .filter(Process::isAlive)
        .filter(worker -> worker.descendants().findAny().isPresent())
        .findFirst()
        .orElseThrow()
        .destroyForcibly();
  }

  @Override
  public void close() throws InterruptedException {
    List<ProcessHandle> executors = executors();
    executors.forEach(ProcessHandle::destroyForcibly);
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }
}
