package io.alexnet.train;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.ParameterSpec;
import io.alexnet.optim.LearningRate;
import io.alexnet.tensor.Tensor;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training on disk, in one safetensors file: the network's values under their own names, the
 * optimiser's memory under {@code optimizer/…}, and as text where the training stands, of what
 * network and classes it is, and whatever text and tensors the program added. A file is whole or it
 * is not there, and is compared with its checksum before any of it is used. Immutable; holds no
 * file open.
 */
public final class Checkpoint {

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

  /**
   * The newest state in a checkpoint folder. Those before it are {@code last-1.safetensors} and so
   * on; {@link #read} on the folder takes the newest that is whole.
   */
  public static final String LAST = "last.safetensors";

  /** The state after the best epoch in a checkpoint folder: use this one. */
  public static final String BEST = "best.safetensors";

  private static final String FORMAT_VERSION = "1";

  // What a program adds must not begin like our own keys.
  private static final String OWN = "train.";
  private static final String FORMAT = OWN + "format";
  private static final String MODEL = OWN + "model";
  private static final String CLASSES = OWN + "classes";
  private static final String SEED = OWN + "seed";
  private static final String DATA_SIZE = OWN + "data_size";
  private static final String DATA_FINGERPRINT = OWN + "data_fingerprint";
  private static final String BATCH_SIZE = OWN + "batch_size";
  private static final String BATCHES = OWN + "batches";
  private static final String STATE = OWN + "state.";
  private static final String SCHEDULE = OWN + "schedule.";
  private static final String CONVOLUTIONS = OWN + "convolutions.";
  private static final String FROZEN = OWN + "frozen";
  static final String OPTIMIZER = "optimizer/";

  private final Path file;
  private final Map<String, String> text;
  private final Set<String> tensors;

  private Checkpoint(Path file, Map<String, String> text, Set<String> tensors) {
    this.file = file;
    this.text = text;
    this.tensors = tensors;
  }

  /**
   * Reads a checkpoint's text and compares the whole file with its checksum.
   *
   * @param file the file, or a checkpoint folder for the newest in it; if that one is damaged the
   *     one before it is taken, with a warning, but not if it cannot be opened
   * @throws CheckpointException if it is missing, damaged or no checkpoint
   */
  public static Checkpoint read(Path file) {
    if (Files.isDirectory(file)) {
      return CheckpointFolder.newest(file);
    }
    try (SafeTensors input = open(file)) {
      Map<String, String> text = Map.copyOf(input.metadata());
      if (!text.containsKey(FORMAT) || !input.verify()) {
        throw CheckpointException.ofDamage(file + ": not a checkpoint of a training", null);
      }
      if (!FORMAT_VERSION.equals(text.get(FORMAT))) {
        throw new CheckpointException(
            file, "a checkpoint of version " + text.get(FORMAT) + ", not " + FORMAT_VERSION);
      }
      Checkpoint checkpoint = new Checkpoint(file, text, Set.copyOf(input.names()));
      checkpoint.state(); // complains now rather than later
      return checkpoint;
    } catch (FileNotFoundException e) { // no permission, or too many open files
      throw new CheckpointException(e.getMessage(), e);
    } catch (IOException e) {
      throw CheckpointException.ofDamage(e.getMessage(), e);
    }
  }

  /** Whether there is a folder of this name with a checkpoint to resume from. */
  public static boolean isIn(Path folder) {
    return !CheckpointFolder.isEmpty(folder);
  }

  /**
   * Loads the network's values from a checkpoint, or from any other safetensors file with tensors
   * of the names and shapes of {@link Network#state()}; further tensors do not matter. A file that
   * does not fit leaves the network as it is. {@link Weights} loads a part of them, or of a file
   * with other names.
   *
   * @param file the file itself, not its folder
   * @return the text beside the weights, as {@link SafeTensors#metadata}
   * @throws CheckpointException if the file is missing, damaged or of another model
   */
  public static Map<String, String> loadWeights(Path file, Network network) {
    try (SafeTensors input = open(file)) {
      input.verify();
      String model = input.metadata().get(MODEL);
      if (model != null) {
        requireSameModel(file, model, network.graph());
      }
      load(input, network.state());
      network.weightsChanged();
      return input.metadata();
    } catch (IOException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  static SafeTensors open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new CheckpointException(file, "is a folder: name the file in it, such as " + BEST);
    }
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file, "there is no such file");
    }
    return SafeTensors.open(file);
  }

  private static void load(SafeTensors input, Map<String, Tensor> into) throws IOException {
    for (Map.Entry<String, Tensor> entry : into.entrySet()) {
      input.require(entry.getKey(), entry.getValue().shape());
    }
    for (Map.Entry<String, Tensor> entry : into.entrySet()) {
      input.read(entry.getKey(), entry.getValue());
    }
  }

  /** The file that was read. */
  public Path file() {
    return file;
  }

  /** What the program had added with {@link Trainer#note}. */
  public Map<String, String> notes() {
    Map<String, String> notes = new TreeMap<>(text);
    notes.keySet().removeIf(Checkpoint::isReserved);
    return notes;
  }

  static boolean isReserved(String key) {
    return key.startsWith(OWN) || key.equals(SafeTensors.CHECKSUM_KEY);
  }

  /** Names of the classes trained on; the index of a logit is an index into this list. */
  public List<String> classNames() {
    return get(CLASSES).lines().toList();
  }

  /** Records of the epochs done. */
  public List<EpochRecord> epochs() {
    return state().records;
  }

  /** Steps done. */
  public long steps() {
    return state().step;
  }

  /** How the convolutions were computed, so that they go on to the same bits; null if untold. */
  private ConvolutionChoice convolutions() {
    Map<String, String> choice = under(CONVOLUTIONS);
    try {
      return choice.isEmpty() ? null : ConvolutionChoice.ofText(choice);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file, e.getMessage());
    }
  }

  private TrainingState state() {
    try {
      return TrainingState.ofText(under(STATE));
    } catch (IllegalArgumentException e) {
      throw CheckpointException.ofDamage(
          file + ": where the training stood is not readable: " + e, e);
    }
  }

  private String get(String key) {
    String value = text.get(key);
    if (value == null) {
      throw new CheckpointException(file, "'" + key + "' is missing");
    }
    return value;
  }

  private Map<String, String> under(String prefix) {
    return text.keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .collect(Collectors.toMap(key -> key.substring(prefix.length()), text::get));
  }

  /** Writes the file, in place of an older one only once it is whole. */
  static void write(
      Path file,
      Network network,
      TrainingData data,
      Map<String, Tensor> optimizerState,
      LearningRate schedule,
      TrainingState state,
      Map<String, String> notes,
      Map<String, Tensor> tensorNotes) {
    Map<String, String> text = new LinkedHashMap<>();
    text.put(FORMAT, FORMAT_VERSION);
    text.put(MODEL, describe(network.graph()));
    text.put(CLASSES, String.join("\n", data.classNames()));
    text.put(SEED, Long.toString(network.seed()));
    text.put(DATA_SIZE, Long.toString(data.size()));
    text.put(DATA_FINGERPRINT, data.fingerprint());
    text.put(BATCH_SIZE, Integer.toString(data.batchSize()));
    text.put(BATCHES, Integer.toString(data.batches()));
    text.put(FROZEN, frozen(network));
    state.toText().forEach((key, value) -> text.put(STATE + key, value));
    schedule.state().forEach((key, value) -> text.put(SCHEDULE + key, value.toString()));
    network.convolutions().toText().forEach((key, value) -> text.put(CONVOLUTIONS + key, value));
    text.putAll(notes);
    Map<String, Tensor> tensors = tensors(network, optimizerState);
    tensors.putAll(tensorNotes);
    try {
      SafeTensors.write(file, tensors, text);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static String frozen(Network network) {
    return network.parameters().stream()
        .filter(parameter -> !parameter.trainable())
        .map(Parameter::name)
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Tensor> tensors(Network network, Map<String, Tensor> optimizerState) {
    Map<String, Tensor> tensors = network.state();
    optimizerState.forEach((name, tensor) -> tensors.put(OPTIMIZER + name, tensor));
    return tensors;
  }

  /**
   * Puts network, optimiser and schedule where they were, and computes the convolutions as then;
   * all is checked before any is changed, but whether the numbers are finite.
   *
   * @return where the training stood
   * @throws CheckpointException if this is of another model, data or way of training, or holds NaN
   *     or infinity, which no training writes
   */
  TrainingState restore(
      Network network,
      TrainingData data,
      Map<String, Tensor> optimizerState,
      LearningRate schedule) {
    TrainingState state = state();
    requireSameModel(file, get(MODEL), network.graph());
    requireSame("the seed", get(SEED), Long.toString(network.seed()));
    requireSame("the list of classes", classNames().toString(), data.classNames().toString());
    requireSame(
        "the list of frozen parameters",
        "[" + text.getOrDefault(FROZEN, "") + "]",
        "[" + frozen(network) + "]");
    boolean trained = Integer.toString(state.batch).equals(text.get(BATCHES));
    if (trained) {
      state.batch = data.batches(); // what is left of the epoch is its validation
    } else if (state.batch > 0) {
      String inMidEpoch = ", in the middle of an epoch,";
      requireSame("the size of the data" + inMidEpoch, get(DATA_SIZE), Long.toString(data.size()));
      requireSame(
          "the batch size" + inMidEpoch, get(BATCH_SIZE), Integer.toString(data.batchSize()));
      if (state.batch > data.batches()) {
        throw new CheckpointException(
            file, "it has %d batches done of %d".formatted(state.batch, data.batches()));
      }
    }
    requireSameData(data.fingerprint(), state.batch > 0 && !trained);
    ConvolutionChoice convolutions = convolutions();
    Map<String, Tensor> tensorsHere = tensors(network, optimizerState);
    requireSame("the optimiser's memory", kinds(tensors), kinds(tensorsHere.keySet()));
    Map<String, Double> remembered = remembered();
    requireSame(
        "what the learning-rate schedule remembers",
        remembered.keySet().toString(),
        new TreeSet<>(schedule.state().keySet()).toString());
    try (SafeTensors input = open(file)) {
      if (!input.metadata().equals(text)) {
        throw new CheckpointException(
            file, "another training has replaced it since it was looked at: resume again");
      }
      load(input, tensorsHere);
    } catch (IOException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
    tensorsHere.forEach(
        (name, tensor) -> {
          if (!tensor.isFinite()) {
            throw new CheckpointException(
                file, "'" + name + "' holds NaN or infinity: no training goes on from there");
          }
        });
    schedule.restore(remembered);
    if (convolutions != null) {
      network.convolutions(convolutions);
    }
    return state;
  }

  /** Between epochs more data, or others, are no mistake. */
  private void requireSameData(String fingerprint, boolean inMidEpoch) {
    String inFile = text.getOrDefault(DATA_FINGERPRINT, "");
    if (inFile.equals(fingerprint) || inFile.isEmpty() || fingerprint.isEmpty()) {
      return;
    }
    String changed =
        "the training data are not those that it was written with: other files, labels, seed, image"
            + " size or, of Spark's estimator, number of replicas";
    if (inMidEpoch) {
      throw new CheckpointException(
          file, changed + "; in the middle of an epoch they must be the same");
    }
    LOG.warn("{}: {}", file, changed);
  }

  private Map<String, Double> remembered() {
    Map<String, Double> remembered = new TreeMap<>();
    under(SCHEDULE)
        .forEach(
            (key, value) -> {
              try {
                remembered.put(key, Double.valueOf(value));
              } catch (NumberFormatException e) {
                throw new CheckpointException(
                    file, "'" + SCHEDULE + key + "' is no number: " + value);
              }
            });
    return remembered;
  }

  private void requireSame(String what, String inFile, String here) {
    if (!inFile.equals(here)) {
      throw new CheckpointException(
          file, "%s was %s when it was written, but is %s now".formatted(what, inFile, here));
    }
  }

  /** Of {@code optimizer/velocity/conv1.weight} and its like, {@code [velocity]}. */
  private static String kinds(Collection<String> tensorNames) {
    return tensorNames.stream()
        .filter(name -> name.startsWith(OPTIMIZER))
        .map(name -> name.split("/", 3)[1])
        .collect(Collectors.toCollection(TreeSet::new))
        .toString();
  }

  /** A line for each layer: name, type, inputs, shape and parameters. */
  private static String describe(Graph graph) {
    return graph.layers().stream().map(Checkpoint::describe).collect(Collectors.joining("\n"));
  }

  private static String describe(Node node) {
    StringBuilder line = new StringBuilder(node.name()).append(": ").append(node.layer().type());
    line.append(node.inputs().stream().map(Node::name).collect(Collectors.joining(", ", "(", ")")));
    line.append(" ").append(node.shape());
    for (ParameterSpec spec : node.parameters()) {
      line.append(", ").append(spec.name()).append(" ").append(spec.shape());
    }
    return line.toString();
  }

  private static void requireSameModel(Path file, String model, Graph graph) {
    List<String> inFile = model.lines().toList();
    List<String> here = describe(graph).lines().toList();
    for (int i = 0; i < Math.max(inFile.size(), here.size()); i++) {
      String left = i < inFile.size() ? inFile.get(i) : "nothing more";
      String right = i < here.size() ? here.get(i) : "nothing more";
      if (!left.equals(right)) {
        throw new CheckpointException(
            file,
            "of a different model: it has '%s' where the network has '%s'".formatted(left, right));
      }
    }
  }
}
