package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.alexnet.data.image.Image;
import io.alexnet.data.source.Shapes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user starts it: a JVM without any flag. */
@Timeout(120)
class MainTest {

  private static final int SIGTERM_EXIT_CODE = 143;

  /** Soon at full speed, where the vector kernels wait for C2. */
  private static final List<String> SCALAR = List.of("-Dio.alexnet.kernels.provider=scalar");

  @TempDir Path temporary;

  /** Those of this test, which would go on for ever where it has failed. */
  private final List<ProcessHandle> started = new ArrayList<>();

  @AfterEach
  void endWhatIsAtWork() throws Exception {
    for (ProcessHandle process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    for (ProcessHandle process : started) {
      process.onExit().get(60, TimeUnit.SECONDS); // none writes into a folder that is deleted now
    }
  }

  @Test
  void passesOnWhatTheChildPrintsAndItsExitCode() throws Exception {
    Finished version = finish(start(List.of(), "--version"));
    assertEquals(0, version.exitCode);
    assertTrue(version.out.startsWith("alexnet "), version.out);
    assertEquals("", version.err, "not even the notice of an incubator module");

    Finished wrong = finish(start(List.of(), "train", "--batch-size", "0"));
    assertEquals(2, wrong.exitCode);
    assertEquals(1, wrong.err.lines().count(), wrong.err);
  }

  @Test
  void trainsWithSimdAndWarnsOfImagesLeftOut() throws Exception {
    Path photos = Files.createDirectory(temporary.resolve("photos"));
    for (int i = 0; i < 16; i++) {
      Image image = Shapes.of(16, 32, 1).image(i);
      Path folder = Files.createDirectories(photos.resolve("class" + i % 2));
      Images.jpeg(folder.resolve(i + ".jpg"), image);
    }
    byte[] bytes = Files.readAllBytes(photos.resolve("class0/0.jpg"));
    Files.write(photos.resolve("class0/half.jpg"), Arrays.copyOf(bytes, bytes.length / 2));
    Files.writeString(photos.resolve("class0/text.jpg"), "not a picture");
    Files.createFile(photos.resolve("class1/empty.jpg"));
    Finished training =
        finish(
            start(
                List.of(),
                "train",
                "--model",
                "small",
                "--image-size",
                "16",
                "--epochs",
                "1",
                "--data",
                "folder:" + photos,
                "--out",
                temporary.resolve("run").toString()));
    assertEquals(0, training.exitCode, training.err);
    assertTrue(training.out.contains("simd-"), "SIMD without a flag: " + training.out);
    assertEquals(1, training.err.lines().count(), training.err);
    assertTrue(training.err.startsWith("WARN "), training.err);
    assertTrue(
        training.err.contains("skipped 3 of 19 images"),
        "counts the images left out: " + training.err);
  }

  @Test
  void foreseesThatTheHeapIsTooSmall() throws Exception {
    Path run = temporary.resolve("run");
    Finished training =
        finish(
            start(
                List.of("-Xmx200m"),
                "train",
                "--model",
                "small",
                "--images",
                "5000",
                "--batch-size",
                "4000",
                "--out",
                run.toString()));
    assertEquals(1, training.exitCode, training.out);
    assertEquals(1, training.err.lines().count(), training.err);
    assertTrue(training.err.contains("--batch-size"), training.err);
    assertFalse(Files.exists(run), "nothing was begun");
  }

  @Test
  void stopsWithACheckpointWhenAskedToEnd() throws Exception {
    Path run = temporary.resolve("run");
    Process launcher = startEndlessTraining(run);
    launcher.toHandle().destroy(); // Process.destroy would also close the streams
    Finished training = finish(launcher);
    assertEquals(SIGTERM_EXIT_CODE, training.exitCode, training.err);
    assertTrue(training.out.contains("--resume " + run), training.out);
    assertEquals("", training.err);
    assertTrue(Files.exists(run.resolve("checkpoints/last.safetensors")));
    assertTrue(Files.exists(run.resolve("model.safetensors")));
  }

  @Test
  void aTrainingThatGoesOnHasNoEvaluationOfItsEarlierModel() throws Exception {
    Path run = temporary.resolve("run");
    Invocation.of(args("--epochs", "1", "--out", run)).succeeds();
    assertTrue(Files.exists(run.resolve("evaluation.json")));
    Process launcher = startEndlessTraining(run, 2, args("--epochs", "1000000", "--resume", run));
    assertFalse(Files.exists(run.resolve("evaluation.json")));
    assertFalse(Files.exists(run.resolve("confusion.png")));
    Invocation.of("train", "--resume", run)
        .failsWith(1, run + ": another training is at work there");
    launcher.toHandle().destroy();
    assertEquals(SIGTERM_EXIT_CODE, finish(launcher).exitCode);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void saysSoWhenItIsAskedToEndAndCannotWriteTheCheckpoint() throws Exception {
    Path run = temporary.resolve("run");
    // In blocks of 512 bytes; a checkpoint is larger, all else is smaller.
    List<String> limited = List.of("sh", "-c", "ulimit -f 1000; exec \"$@\"", "sh");
    String[] longEpoch = "train --model small --image-size 32 --images 20000".split(" ");
    List<String> args = new ArrayList<>(List.of(longEpoch));
    args.addAll(List.of("--batch-size", "2", "--normalization", "unit", "--out", run.toString()));
    Process launcher = startProcess(limited, SCALAR, Main.class, args);
    while (!Files.exists(run.resolve("command.txt"))) {
      if (!launcher.isAlive()) {
        fail("training ended: " + finish(launcher));
      }
      Thread.sleep(20);
    }
    launcher.toHandle().destroy();
    Finished training = finish(launcher);
    assertEquals(1, training.err.lines().count(), training.err);
    assertTrue(training.err.contains("cannot write " + run.resolve("checkpoints")), training.err);
    assertEquals(1, training.exitCode, training.err);
  }

  /** Starts a training in a thread, interrupts it, and ends with what comes of that. */
  static final class Interrupted {

    private Interrupted() {}

    public static void main(String[] args) throws Exception {
      FutureTask<Integer> training = new FutureTask<>(() -> Main.run(args));
      Thread thread = new Thread(training);
      thread.start();
      Path checkpoints = Path.of(args[args.length - 1]).resolve("checkpoints");
      while (!Files.exists(checkpoints.resolve("last.safetensors"))) {
        Thread.sleep(20);
      }
      thread.interrupt();
      try {
        System.out.println(training.get());
      } catch (ExecutionException e) {
        System.out.println(
            e.getCause() + ", children: " + ProcessHandle.current().children().count());
      }
      System.exit(0);
    }
  }

  @Test
  void anInterruptOfTheThreadThatRunsItEndsTheTraining() throws Exception {
    List<String> args =
        Stream.of(args("--epochs", "1000000", "--out", temporary.resolve("run")))
            .map(Object::toString)
            .toList();
    Finished interrupted = finish(startProcess(List.of(), SCALAR, Interrupted.class, args));
    assertTrue(
        interrupted.out.endsWith("java.lang.InterruptedException, children: 0\n"),
        interrupted.out + interrupted.err);
  }

  @Test
  void stopsWithACheckpointWhenItsParentDies() throws Exception {
    Path run = temporary.resolve("run");
    Process launcher = startEndlessTraining(run);
    ProcessHandle child = launcher.children().findFirst().orElseThrow();
    started.add(child); // which will be no descendant any more
    launcher.destroyForcibly();
    child.onExit().get(60, TimeUnit.SECONDS);
    assertTrue(Files.exists(run.resolve("checkpoints/last.safetensors")));
  }

  /** A training that has taken its first epoch. */
  private static Object[] args(Object... more) {
    List<Object> args =
        new ArrayList<>(List.of("train --model small --image-size 16 --images 80".split(" ")));
    args.addAll(List.of("--batch-size", "8", "--schedule", "constant"));
    args.addAll(List.of(more));
    return args.toArray();
  }

  private Process startEndlessTraining(Path run) throws Exception {
    return startEndlessTraining(run, 1, args("--epochs", "1000000", "--out", run));
  }

  /** A training in a JVM of its own, which has done at least this many epochs. */
  private Process startEndlessTraining(Path run, int epochs, Object... args) throws Exception {
    Process launcher =
        start(List.of(), Stream.of(args).map(Object::toString).toArray(String[]::new));
    Path metrics = run.resolve("metrics.csv");
    while (!Files.exists(metrics) || Files.readAllLines(metrics).size() < 1 + epochs) {
      if (!launcher.isAlive()) {
        fail("training ended: " + finish(launcher));
      }
      Thread.sleep(20);
    }
    return launcher;
  }

  private record Finished(int exitCode, String out, String err) {}

  /** Before an hour's work, not after it. */
  @Test
  @EnabledOnOs(OS.LINUX) // whose fonts are fontconfig's
  void saysThatASystemWithoutFontsLacksThem() throws Exception {
    Path none = temporary.resolve("fonts.conf");
    Files.writeString(none, "<fontconfig></fontconfig>");
    Path photo = temporary.resolve("photo.jpg");
    Images.jpeg(photo, Shapes.of(1, 32, 1).image(0));
    String out = temporary.resolve("picture.png").toString();
    String image = photo.toString();
    for (List<String> command :
        List.of(
            List.of("evaluate", "no-run", "--confusion", out),
            List.of("activations", "no-run", image, "--out", out),
            List.of("features", "no-run", image, "--nearest", image, "--out", out),
            List.of("augment-preview", image, "--each", "--out", out))) {
      Finished refused =
          finish(
              startProcess(
                  List.of("env", "FONTCONFIG_FILE=" + none),
                  List.of("-Duser.home=" + temporary), // where the JDK remembers fonts
                  Main.class,
                  command));
      assertEquals(1, refused.exitCode, refused.err);
      assertEquals(1, refused.err.lines().count(), refused.err);
      assertTrue(refused.err.contains("this system has no fonts: install"), refused.err);
    }
  }

  @Test
  void aTrainingWithoutOutComesToLieBesideEarlierOnes() throws Exception {
    Path earlier = Files.createDirectories(temporary.resolve("runs/earlier"));
    Files.createFile(earlier.resolve("config.json"));
    Finished second = finish(start(List.of(), "train", "--data", "folder:missing"));
    assertEquals(1, second.exitCode);
    assertEquals("alexnet: missing: no such folder", second.err.strip());
  }

  private Process start(List<String> jvmArguments, String... args) throws IOException {
    return startProcess(List.of(), jvmArguments, Main.class, List.of(args));
  }

  /**
   * @param shell what comes before the command, as in {@code nice}
   */
  private Process startProcess(
      List<String> shell, List<String> jvmArguments, Class<?> main, List<String> args)
      throws IOException {
    List<String> command = new ArrayList<>(shell);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
    // Of which a JVM would tell in a line of its own.
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
        .forEach(builder.environment()::remove);
    Process process = builder.start();
    started.add(process.toHandle());
    return process;
  }

  private static Finished finish(Process process) throws Exception {
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
    String out = read(process.getInputStream());
    return new Finished(process.waitFor(), out, err.get());
  }

  private static String read(InputStream stream) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      StringBuilder text = new StringBuilder();
      reader.lines().forEach(line -> text.append(line).append('\n'));
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
