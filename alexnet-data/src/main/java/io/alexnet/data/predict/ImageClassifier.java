package io.alexnet.data.predict;

import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.format.OneLine;
import io.alexnet.format.Onnx;
import io.alexnet.format.OnnxModel;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Says what images show: a trained network with its preprocessing and the names of its classes.
 * Used by any number of threads at the same time, as its {@link Predictor} is.
 *
 * <pre>{@code
 * try (ImageClassifier classifier = ImageClassifier.open(Path.of("flowers.safetensors"), graph)) {
 *   List<Prediction> best = classifier.classify(Path.of("photo.jpg"), 5);
 * }
 * }</pre>
 *
 * <p>{@link #save} keeps all three in one safetensors file; an ONNX file holds the graph, too.
 */
public final class ImageClassifier implements AutoCloseable {

  private static final String CLASSES = "classes";

  private final Predictor predictor;
  private final Preprocessing preprocessing;
  private final List<String> classNames;
  private final ImageDecoder decoder;
  private final boolean tenCrops;

  private ImageClassifier(
      Predictor predictor,
      Preprocessing preprocessing,
      List<String> classNames,
      ImageDecoder decoder,
      boolean tenCrops) {
    this.predictor = predictor;
    this.preprocessing = preprocessing;
    this.classNames = classNames;
    this.decoder = decoder;
    this.tenCrops = tenCrops;
  }

  /**
   * @param predictor closed with the classifier
   * @param classNames of the network's outputs, in their order
   * @throws IllegalArgumentException if the three do not fit each other
   */
  public static ImageClassifier of(
      Predictor predictor, Preprocessing preprocessing, List<String> classNames) {
    requireFitting(preprocessing, classNames, predictor.inputShape(), predictor.outputShape());
    return new ImageClassifier(
        predictor, preprocessing, List.copyOf(classNames), new ImageDecoder(), false);
  }

  private static void requireFitting(
      Preprocessing preprocessing, List<String> classNames, Shape input, Shape output) {
    if (!preprocessing.imageShape().equals(input)) {
      throw new IllegalArgumentException(
          "the preprocessing makes images of %s but the network takes %s"
              .formatted(preprocessing.imageShape(), input));
    }
    if (classNames.size() != output.size()) {
      throw new IllegalArgumentException(
          "%d names of classes for a network of %d outputs"
              .formatted(classNames.size(), output.size()));
    }
  }

  /**
   * @param predictor closed with the classifier
   * @param metadata of the model's file, with what {@link #metadata} gives
   * @throws IllegalArgumentException if something is missing in it, or does not fit
   */
  public static ImageClassifier of(Predictor predictor, Map<String, String> metadata) {
    return of(predictor, Preprocessing.ofText(metadata), classNames(metadata));
  }

  /**
   * Opens what {@link #save} wrote, or a run's {@code model.safetensors}, with a workspace for each
   * processor.
   *
   * @param graph of the network that was saved
   * @throws IOException if the file is missing, damaged or of another network, or has no
   *     preprocessing or classes with it
   */
  public static ImageClassifier open(Path file, Graph graph) throws IOException {
    return open(file, graph, Runtime.getRuntime().availableProcessors(), 1);
  }

  /**
   * @param workspaces images, or lists of them, that are computed at the same time
   * @param threads that compute each
   * @see Predictor.Builder
   */
  public static ImageClassifier open(Path file, Graph graph, int workspaces, int threads)
      throws IOException {
    try (Network network = Network.builder(graph).threads(1).skipInitialization().build()) {
      Map<String, String> metadata = Checkpoint.loadWeights(file, network);
      return open(file, network, metadata, workspaces, threads);
    } catch (CheckpointException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Opens an ONNX file that carries {@link #metadata}, as the command {@code export} writes it; no
   * graph is needed. With a workspace for each processor.
   *
   * @throws io.alexnet.format.FormatException if the file is damaged or has an operator that this
   *     library does not have
   * @throws IOException if it cannot be read, or has no preprocessing or classes with it
   * @throws IllegalStateException without the library for ONNX files: see {@link Onnx}
   */
  public static ImageClassifier open(Path onnx) throws IOException {
    return open(onnx, Runtime.getRuntime().availableProcessors(), 1);
  }

  /**
   * @param workspaces images, or lists of them, that are computed at the same time
   * @param threads that compute each
   * @see #open(Path)
   */
  public static ImageClassifier open(Path onnx, int workspaces, int threads) throws IOException {
    OnnxModel model = Onnx.read(onnx);
    try (Network network = Network.builder(model.graph()).threads(1).skipInitialization().build()) {
      model.load(network);
      return open(onnx, network, model.metadata(), workspaces, threads);
    }
  }

  private static ImageClassifier open(
      Path file, Network network, Map<String, String> metadata, int workspaces, int threads)
      throws IOException {
    Predictor predictor =
        Predictor.builder(network).workspaces(workspaces).threads(threads).build();
    try {
      return of(predictor, metadata);
    } catch (IllegalArgumentException e) {
      predictor.close();
      throw new IOException(OneLine.of(file + ": " + e.getMessage()), e);
    } catch (Throwable t) { // no memory
      predictor.close(); // nobody else can
      throw t;
    }
  }

  /**
   * Writes a network's parameters and state, and beside them {@link #metadata}, as one safetensors
   * file, which is there whole or not at all. Folders that are missing are made.
   *
   * @throws IllegalArgumentException if the three do not fit each other, or as {@link #metadata}
   */
  public static void save(
      Path file, Network network, Preprocessing preprocessing, List<String> classNames)
      throws IOException {
    requireFitting(preprocessing, classNames, network.inputShape(), network.outputShape());
    SafeTensors.write(file, network.state(), metadata(preprocessing, classNames));
  }

  /**
   * What a model's file must say of images and classes to be opened again: {@link
   * Preprocessing#toText}, and the names, one a line, under {@value #CLASSES}.
   *
   * @throws IllegalArgumentException if a name has a line break in it, or a mean image is too large
   *     for a text
   */
  public static Map<String, String> metadata(Preprocessing preprocessing, List<String> classNames) {
    for (String name : classNames) {
      if (OneLine.isBroken(name)) {
        throw new IllegalArgumentException(
            "a class's name must have no line break: \"%s\""
                .formatted(name.replace("\n", "\\n").replace("\r", "\\r")));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>(preprocessing.toText());
    metadata.put(CLASSES, String.join("\n", classNames));
    return metadata;
  }

  /** Whether a model's file says of images and classes what {@link #metadata} does. */
  public static boolean isIn(Map<String, String> metadata) {
    return Preprocessing.isIn(metadata) && metadata.containsKey(CLASSES);
  }

  /**
   * The names of the classes in a model's file, in the order of the network's outputs.
   *
   * @param metadata with what {@link #metadata} gives
   * @throws IllegalArgumentException if they are missing
   */
  public static List<String> classNames(Map<String, String> metadata) {
    String names = metadata.get(CLASSES);
    if (names == null) {
      throw new IllegalArgumentException(
          "the names of the classes ('" + CLASSES + "') are missing");
    }
    return List.of(names.split("\n", -1));
  }

  /**
   * A classifier that averages the probabilities of ten crops (Krizhevsky et al. 2012, §4.1), at
   * ten times the computing. It shares all else with this one, and closing either closes both.
   *
   * @throws IllegalArgumentException if images are resized to no more than the network takes
   */
  public ImageClassifier tenCrops() {
    if (!preprocessing.leavesRoomForCrops()) {
      throw new IllegalArgumentException(
          "ten crops of %d pixels need images that are resized to more"
              .formatted(preprocessing.imageSize()));
    }
    return new ImageClassifier(predictor, preprocessing, classNames, decoder, true);
  }

  /** A classifier that reads files with this decoder; closing either closes both. */
  public ImageClassifier decoder(ImageDecoder decoder) {
    return new ImageClassifier(predictor, preprocessing, classNames, decoder, tenCrops);
  }

  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** In the order of the network's outputs. */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * The most probable classes of an image, best first.
   *
   * @param file JPEG, PNG, GIF, BMP or WebP
   * @param top how many, at least 1; no more than there are classes
   * @throws io.alexnet.data.image.ImageException if it cannot be read; the message names the file
   * @throws IllegalStateException if the classifier is closed
   */
  public List<Prediction> classify(Path file, int top) {
    return classify(decoder.decode(file), top);
  }

  /**
   * @param file the bytes of a whole image file
   */
  public List<Prediction> classify(byte[] file, int top) {
    return classify(decoder.decode(file, "image of " + file.length + " bytes"), top);
  }

  /** Transparent pixels are laid over the decoder's background, white unless set. */
  public List<Prediction> classify(BufferedImage picture, int top) {
    return classify(decoder.decode(picture), top);
  }

  public List<Prediction> classify(Image image, int top) {
    return classify(List.of(image), top).get(0);
  }

  /**
   * Classifies images together, which takes less time for each than one by one.
   *
   * @return for each image its most probable classes
   */
  public List<List<Prediction>> classify(List<Image> images, int top) {
    if (top < 1) {
      throw new IllegalArgumentException("the best " + top + " classes: ask for at least 1");
    }
    if (images.isEmpty()) {
      return List.of();
    }
    Tensor batch = preprocessing.batch(images, tenCrops);
    Tensor probabilities = predictor.predict(batch, Preprocessing.views(tenCrops));
    List<List<Prediction>> predictions = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      predictions.add(best(probabilities.slice(i, i + 1).toArray(), top));
    }
    return predictions;
  }

  /** Of equal probabilities the first class comes first. */
  private List<Prediction> best(float[] probabilities, int top) {
    return IntStream.range(0, probabilities.length)
        .mapToObj(c -> new Prediction(classNames.get(c), c, probabilities[c]))
        .sorted(Comparator.comparingDouble(Prediction::probability).reversed())
        .limit(top)
        .toList();
  }

  /** Closes the predictor. */
  @Override
  public void close() {
    predictor.close();
  }
}
