package io.alexnet.fuzz;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.source.Cifar10;
import io.alexnet.data.source.Idx;
import io.alexnet.data.source.ImageFolder;
import io.alexnet.data.source.ImageList;
import io.alexnet.data.source.NpzImages;
import io.alexnet.data.source.PackedImages;
import io.alexnet.examples.cli.RunFiles;
import io.alexnet.format.FormatException;
import io.alexnet.format.Npy;
import io.alexnet.format.Npz;
import io.alexnet.format.Onnx;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.CsvNorms;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import io.alexnet.train.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Every reader of files that there is, each with a sound file, and what it may throw when it is
 * given another in its place. Where files are gzipped, the sound one is not: {@link #repaired} does
 * it, so that changes are made to what is read, not to its compressed form.
 */
enum Reader {
  SAFETENSORS(
      "tensors.safetensors", Samples::safetensors, Reader::readTensors, FormatException.class),
  NPY("array.npy", Samples::npy, Npy::read, FormatException.class),
  NPZ("arrays.npz", Samples::npz, Reader::readArrays, FormatException.class),
  NPZ_IMAGES(
      "images.npz",
      Samples::npz,
      file -> readAll(NpzImages.split(file, 0.5, 1)),
      DatasetException.class),
  ONNX("network.onnx", Samples::onnx, file -> Onnx.read(file).metadata(), FormatException.class),

  CHECKPOINT(
      Checkpoint.LAST,
      file -> Samples.checkpoint(file.getParent()),
      Reader::resume,
      Repair::safetensors,
      CheckpointException.class),
  WEIGHTS(
      "weights.safetensors",
      Samples::model,
      Reader::loadWeights,
      Repair::safetensors,
      CheckpointException.class),
  MODEL(
      "model.safetensors",
      Samples::model,
      file -> ImageClassifier.open(file, Samples.graph(), 1, 1).close(),
      Repair::safetensors,
      IOException.class),

  METRICS(
      "metrics.csv",
      file -> Run.copyTo(file.getParent()),
      CsvMetrics::read,
      UncheckedIOException.class),
  NORMS(
      "norms.csv",
      file -> Run.copyTo(file.getParent()),
      CsvNorms::read,
      UncheckedIOException.class),
  CONFIGURATION(
      "config.json",
      file -> Run.copyTo(file.getParent()),
      file -> RunFiles.readConfiguration(file.getParent()),
      RunFiles.REFUSAL),
  EVALUATION(
      "evaluation.json",
      file -> Run.copyTo(file.getParent()),
      file -> RunFiles.readReport(file.getParent()),
      RunFiles.REFUSAL),

  IDX_IMAGES(
      "images", file -> Samples.idx(file.getParent()), Reader::readIdx, DatasetException.class),
  IDX_LABELS(
      "labels", file -> Samples.idx(file.getParent()), Reader::readIdx, DatasetException.class),
  IDX_GZIP(
      "images",
      file -> Samples.idx(file.getParent()),
      Reader::readIdx,
      Samples::gzip,
      DatasetException.class),

  CIFAR_BINARY(
      "data_batch_2.bin",
      file -> Samples.cifarBinaries(file.getParent()),
      Reader::readCifar,
      DatasetException.class),
  CIFAR_TAR(
      "cifar-10-binary.tar.gz",
      file -> Files.write(file, Samples.tar()),
      Reader::readCifar,
      Samples::gzip,
      DatasetException.class),
  CIFAR_ZIP(
      "cifar.zip",
      Samples::cifarZip,
      Reader::readCifar,
      DatasetException.class,
      ImageException.class),

  PACKED_INDEX(
      "packed/index.tsv",
      file -> Samples.packed(file.getParent()),
      file -> readAll(PackedImages.in(file.getParent())),
      Repair::packedIndex,
      DatasetException.class,
      ImageException.class),
  PACKED_SHARD(
      "packed/all-00000.npy",
      file -> Samples.packed(file.getParent()),
      file -> readAll(PackedImages.in(file.getParent())),
      DatasetException.class,
      ImageException.class),

  IMAGE_LIST(
      "train.txt",
      file -> Samples.list(file.getParent()),
      file -> readAll(ImageList.in(file)),
      DatasetException.class),
  CLASS_NAMES(
      "synset_words.txt",
      file -> Samples.namedFolder(file.getParent()),
      file -> readAll(ImageFolder.in(file.getParent())),
      DatasetException.class),

  JPEG("picture.jpg", Samples::picture, Reader::decode, ImageException.class),
  PNG("picture.png", Samples::picture, Reader::decode, Repair::png, ImageException.class),
  GIF("picture.gif", Samples::picture, Reader::decode, ImageException.class),
  BMP("picture.bmp", Samples::picture, Reader::decode, ImageException.class),
  WEBP("picture.webp", Reader::copyWebp, Reader::decode, ImageException.class);

  /** What the decoder's tests are about; Maven starts tests in their module's folder. */
  private static final Path AWKWARD_IMAGES =
      Path.of("../alexnet-data/src/test/resources/io/alexnet/data/image/awkward");

  /** Has a folder for each reader that once went wrong. */
  static final Path CORPUS = Path.of("src/test/resources/corpus");

  /** Of an image file; the limit is the decoder's, and other formats have none but their size. */
  private static final long IMAGE_BYTES = 32_000_000;

  @FunctionalInterface
  private interface FileAction {
    void on(Path file) throws IOException;
  }

  @FunctionalInterface
  private interface FileRepair {
    byte[] of(byte[] file) throws IOException;
  }

  final String fileName;
  private final FileAction preparation;
  private final FileAction reading;
  private final FileRepair repair;
  private final List<Class<? extends Throwable>> refusals;

  /** Of files without checksums, and not gzipped. */
  @SafeVarargs
  Reader(
      String fileName,
      FileAction preparation,
      FileAction reading,
      Class<? extends Throwable>... refusals) {
    this(fileName, preparation, reading, file -> file, refusals);
  }

  @SafeVarargs
  Reader(
      String fileName,
      FileAction preparation,
      FileAction reading,
      FileRepair repair,
      Class<? extends Throwable>... refusals) {
    this.fileName = fileName;
    this.preparation = preparation;
    this.reading = reading;
    this.repair = repair;
    this.refusals = List.of(refusals);
  }

  /** Puts sound files into a folder: {@link #fileName} and what it needs beside it. */
  void prepare(Path folder) throws IOException {
    preparation.on(folder.resolve(fileName));
  }

  /** Reads all there is. */
  void read(Path folder) throws IOException {
    reading.on(folder.resolve(fileName));
  }

  /**
   * A changed file with checksums that are right again, or gzipped, so that the change gets past
   * that; the same file where there is neither.
   */
  byte[] repaired(byte[] file) throws IOException {
    return repair.of(file);
  }

  /** Whether a reader may refuse a file with it. */
  boolean refusesWith(Throwable e) {
    return refusals.stream().anyMatch(refusal -> refusal.isInstance(e));
  }

  /** Of what there is for it alone. */
  String folderName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Files to begin with, besides the sound one: some whose reading once went wrong. */
  List<Path> corpus() throws IOException {
    List<Path> files = new ArrayList<>();
    Path own = CORPUS.resolve(folderName());
    if (Files.isDirectory(own)) {
      files.addAll(files(own, ""));
    }
    if (fileName.startsWith("picture.")) {
      files.addAll(files(AWKWARD_IMAGES, fileName.substring("picture".length())));
    }
    return files;
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  /** Nothing here writes WebP. */
  private static void copyWebp(Path file) throws IOException {
    Files.copy(AWKWARD_IMAGES.resolve("webp_lossy_a.webp"), file);
  }

  private static void readTensors(Path path) throws IOException {
    try (SafeTensors file = SafeTensors.open(path)) {
      file.metadata();
      for (String name : file.names()) {
        file.shape(name);
        file.read(name);
      }
      file.verify();
    }
  }

  private static void readArrays(Path path) throws IOException {
    try (Npz file = Npz.open(path)) {
      for (String name : file.names()) {
        file.shape(name);
        if (file.type(name).equals("u1")) {
          file.readBytes(name);
        }
        file.read(name);
      }
    }
  }

  private static void resume(Path file) {
    Checkpoint checkpoint = Checkpoint.read(file);
    checkpoint.notes();
    checkpoint.epochs();
    checkpoint.steps();
    try (Network network = Samples.network()) {
      Trainer trainer = Samples.trainer(network).resume(file);
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onStart(List<EpochRecord> earlier, int epochs) {
              trainer.stop();
            }
          });
      trainer.fit(Samples.batches(), Samples.batches(), 3);
    }
  }

  private static void loadWeights(Path file) {
    try (Network network = Samples.network()) {
      Weights.in(file).load(network);
      Checkpoint.loadWeights(file, network);
    }
  }

  private static void readIdx(Path file) {
    readAll(Idx.of(file.resolveSibling("images"), file.resolveSibling("labels"), Samples.CLASSES));
  }

  private static void readCifar(Path file) {
    readAll(Cifar10.in(file.getParent()));
  }

  private static void decode(Path file) {
    ImageDecoder decoder = new ImageDecoder().maxBytes(IMAGE_BYTES);
    decoder.check(file);
    decoder.decode(file);
  }

  private static void readAll(Split split) {
    readAll(split.train());
    readAll(split.validation());
  }

  private static void readAll(Dataset dataset) {
    List<String> names = dataset.classNames();
    for (int i = 0; i < dataset.size(); i++) {
      names.get(dataset.label(i));
      dataset.name(i);
      dataset.image(i);
    }
  }
}
