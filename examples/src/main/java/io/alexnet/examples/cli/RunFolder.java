package io.alexnet.examples.cli;

import io.alexnet.examples.page.Json;
import io.alexnet.format.AtomicFile;
import io.alexnet.format.LockFile;
import io.alexnet.format.SafeTensors;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Checkpoint;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A training's folder: its configuration, metrics, checkpoints and the model that came of it. */
record RunFolder(Path path) {

  /** In the figures of a training: of the best and the last weights, with one crop and with ten. */
  private static final long EVALUATIONS = 4;

  /** Besides its row of the confusion matrix: its figures with their names. */
  private static final long TOKENS_PER_CLASS = 20;

  /** Locked while a run is being trained. */
  static final String LOCK = ".training.lock";

  private static final String CHECKPOINTS = "checkpoints";

  /** Of all commands that trained a run; one has some hundred. */
  private static final long MOST_COMMAND_BYTES = 4_000_000;

  /**
   * Makes a new folder, or takes an empty one; what a run left that was killed before it had begun
   * does not count.
   *
   * @throws Failure if there is something in it already, or it cannot be written
   */
  static RunFolder create(Path path) {
    RunFolder folder = new RunFolder(path);
    try {
      AtomicFile.createFolder(path);
      folder.requireEmpty();
      Files.delete(Files.createTempFile(path, ".writable", ".tmp"));
    } catch (IOException e) {
      throw notWritable(path, e);
    }
    return folder;
  }

  /**
   * Makes nothing yet, but finds what would keep {@link #create} from it: before data are opened,
   * which can take long.
   *
   * @throws Failure if there is something in it already, or it cannot be written
   */
  static void requireCreatable(Path path) {
    try {
      if (Files.isDirectory(path)) {
        new RunFolder(path).requireEmpty();
      }
    } catch (IOException e) {
      throw notWritable(path, e);
    }
    requireWritable(path);
  }

  /**
   * Makes nothing yet, but finds what would keep folders from being made there.
   *
   * @throws Failure if it cannot be written
   */
  static void requireWritable(Path path) {
    try {
      Path there = path.toAbsolutePath();
      while (there != null && !Files.exists(there)) {
        there = there.getParent();
      }
      if (there == null) { // a drive that is not there
        throw new NoSuchFileException(path.toString());
      }
      if (!Files.isDirectory(there)) {
        throw new FileAlreadyExistsException(there.toString());
      }
      if (!Files.isWritable(there)) {
        throw new AccessDeniedException(there.toString());
      }
    } catch (IOException e) {
      throw notWritable(path, e);
    }
  }

  /**
   * Makes a new folder of this name, with a number behind it if there is one already: trainings may
   * begin in the same second.
   *
   * @throws Failure if it cannot be made
   */
  static RunFolder createIn(Path parent, String name) {
    Path path = parent.resolve(name);
    try {
      AtomicFile.createFolder(parent);
      for (int number = 2; ; number++) {
        try {
          return new RunFolder(Files.createDirectory(path));
        } catch (FileAlreadyExistsException e) {
          path = parent.resolve(name + "-" + number);
        }
      }
    } catch (IOException e) {
      throw notWritable(path, e);
    }
  }

  private static Failure notWritable(Path path, IOException e) {
    return new Failure("--out " + path + ": cannot write there: " + whyNot(e), e);
  }

  /**
   * Keeps a second training out of the folder.
   *
   * @throws Failure if another training has it
   */
  LockFile lock() throws IOException {
    LockFile lock = LockFile.ifFree(path.resolve(LOCK));
    if (lock == null) {
      throw new Failure(
          path + ": another training is at work there; wait for it, or choose another folder");
    }
    return lock;
  }

  /**
   * @throws Failure if there is something in it already, but a lock and what a run left that was
   *     killed before it had begun
   */
  void requireEmpty() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      if (!files.allMatch(RunFolder::isOfNoRun)) {
        throw new Failure(
            path + " is not empty: go on with the run in it (--resume), or choose another --out");
      }
    }
  }

  /** Whether it may be there before a run's configuration is. */
  private static boolean isOfNoRun(Path file) {
    return AtomicFile.isLeftover(file)
        || file.endsWith(LOCK)
        || file.endsWith(RunConfiguration.MEAN_IMAGE_FILE)
        || file.endsWith(CHECKPOINTS) && !Checkpoint.isIn(file);
  }

  /**
   * @throws Failure if no run is there
   */
  static RunFolder open(Path path) {
    RunFolder folder = new RunFolder(path);
    if (!Files.isDirectory(path)) {
      throw new Failure(path + ": no such run folder" + nearestRun(path));
    }
    if (!Files.isRegularFile(folder.configurationFile())) {
      throw new Failure(path + ": not the folder of a run (it has no config.json)");
    }
    return folder;
  }

  /**
   * The weights of the best epoch so far, or of where the training was stopped if it has done none;
   * null if it has not got so far. The model is that of the training's last end, after which it may
   * have gone on.
   */
  Path weights() {
    Path best = checkpoints().resolve(Checkpoint.BEST);
    if (Files.isRegularFile(best)) {
      return best;
    }
    return Files.exists(modelFile()) ? modelFile() : null;
  }

  /** A run beside the one that there is not, if its name is much like it. */
  private static String nearestRun(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return "";
    }
    String name = path.getFileName().toString();
    try (Stream<Path> entries = Files.list(parent)) {
      List<String> runs =
          entries
              .filter(entry -> Files.isRegularFile(new RunFolder(entry).configurationFile()))
              .map(entry -> entry.getFileName().toString())
              .sorted()
              .toList();
      String nearest = runs.isEmpty() ? "" : Nearest.to(name, runs);
      return runs.isEmpty() || Nearest.edits(nearest, name) > Math.max(2, name.length() / 3)
          ? ""
          : "; did you mean " + path.resolveSibling(nearest) + "?";
    } catch (IOException e) {
      return ""; // it was but a guess
    }
  }

  /** What is wrong, without the file's name. */
  static String whyNot(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "it is a file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.toString();
  }

  Path configurationFile() {
    return path.resolve("config.json");
  }

  Path metricsFile() {
    return path.resolve("metrics.csv");
  }

  Path normsFile() {
    return path.resolve("norms.csv");
  }

  /** A line for each command that trained the run. */
  Path commandFile() {
    return path.resolve("command.txt");
  }

  Path reportFile() {
    return path.resolve("report.html");
  }

  Path curvesFile() {
    return path.resolve("curves.png");
  }

  Path checkpoints() {
    return path.resolve(CHECKPOINTS);
  }

  /** Only with a normalisation by the mean image. */
  private Path meanImageFile() {
    return path.resolve(RunConfiguration.MEAN_IMAGE_FILE);
  }

  Path evaluationFile() {
    return path.resolve("evaluation.json");
  }

  Path confusionFile() {
    return path.resolve("confusion.png");
  }

  /** The weights at the end, or the best so far. */
  Path modelFile() {
    return path.resolve("model.safetensors");
  }

  /**
   * Puts the configuration in place of an older one, as a whole.
   *
   * @throws Failure if it cannot be written
   */
  void write(RunConfiguration configuration) {
    if (!configuration.tensors().isEmpty()) {
      try {
        SafeTensors.write(meanImageFile(), configuration.tensors(), Map.of());
      } catch (IOException e) {
        throw new Failure(meanImageFile() + ": cannot be written: " + whyNot(e), e);
      }
    }
    write(configurationFile(), configuration.toMap());
  }

  /**
   * Puts the figures of the finished training in place of older ones, as a whole.
   *
   * @throws Failure if they cannot be written
   */
  void writeEvaluation(Map<String, Object> evaluation) {
    write(evaluationFile(), evaluation);
  }

  /**
   * Takes away the figures and the picture of a finished training.
   *
   * @throws Failure if it cannot be deleted
   */
  void deleteEvaluation() {
    try {
      Files.deleteIfExists(evaluationFile());
      Files.deleteIfExists(confusionFile());
    } catch (IOException e) {
      throw new Failure(evaluationFile() + ": cannot be deleted: " + whyNot(e), e);
    }
  }

  private void write(Path file, Map<String, Object> json) {
    write(file, Json.write(json));
  }

  /** Puts the report in place of an older one, as a whole. */
  void writeReport(String html) {
    write(reportFile(), html);
  }

  /**
   * Adds the command that trains from now on.
   *
   * @throws Failure if it cannot be written
   */
  void addCommand(String command) {
    List<String> all = new ArrayList<>(commands());
    all.add(command);
    write(commandFile(), String.join("\n", all) + "\n");
  }

  /**
   * The commands that trained the run, the first at first; none if they were not recorded.
   *
   * @throws Failure if they cannot be read
   */
  List<String> commands() {
    try {
      if (!Files.exists(commandFile())) {
        return List.of();
      }
      if (Files.size(commandFile()) > MOST_COMMAND_BYTES) {
        throw new Failure(commandFile() + ": too large to hold commands");
      }
      // Whatever its bytes are: a training is not to fail for what it was called by.
      return new String(Files.readAllBytes(commandFile()), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new Failure(commandFile() + ": cannot be read: " + whyNot(e), e);
    }
  }

  /**
   * The figures of the finished training; null if it has none.
   *
   * @throws Failure if they cannot be read
   */
  Map<?, ?> evaluation() {
    if (!Files.exists(evaluationFile())) {
      return null;
    }
    long classes = configuration().classNames().size();
    try (Reader text = Files.newBufferedReader(evaluationFile())) {
      if (Json.read(text, EVALUATIONS * classes * (classes + TOKENS_PER_CLASS))
          instanceof Map<?, ?> map) {
        return map;
      }
      throw new IOException("not the figures of a training");
    } catch (IOException e) {
      throw notRead(evaluationFile(), e);
    }
  }

  private void write(Path file, String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(file, output -> output.write(bytes));
    } catch (IOException e) {
      throw new Failure(file + ": cannot be written: " + whyNot(e), e);
    }
  }

  /**
   * @throws Failure if it, or the mean image that it goes by, cannot be read
   */
  RunConfiguration configuration() {
    try (Reader text = Files.newBufferedReader(configurationFile())) {
      Object json = Json.read(text);
      return RunConfiguration.fromMap(
          json, RunConfiguration.hasMeanImage(json) ? meanImage() : Map.of());
    } catch (IOException | IllegalArgumentException e) {
      throw notRead(configurationFile(), e);
    }
  }

  private static Failure notRead(Path file, Exception e) {
    String problem = e instanceof CharacterCodingException ? "not UTF-8" : e.getMessage();
    return new Failure(file + ": " + problem, e);
  }

  private Map<String, Tensor> meanImage() {
    Path file = meanImageFile();
    if (!Files.isRegularFile(file)) {
      throw new Failure(file + ": there is no such file, but the run's normalisation is in it");
    }
    try (SafeTensors input = SafeTensors.open(file)) {
      input.verify();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : input.names()) {
        tensors.put(name, input.read(name));
      }
      return tensors;
    } catch (IOException e) {
      throw new Failure(e.getMessage(), e); // it names the file
    }
  }
}
