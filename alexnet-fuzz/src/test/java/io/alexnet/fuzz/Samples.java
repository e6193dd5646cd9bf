package io.alexnet.fuzz;

import io.alexnet.batch.ArrayBatches;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.source.Packer;
import io.alexnet.data.source.Shapes;
import io.alexnet.format.Npy;
import io.alexnet.format.Onnx;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.optim.LearningRate;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Trainer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Small sound files, made by the library's own writers where it has one. */
final class Samples {

  static final List<String> CLASSES = List.of("cat", "dog", "owl");

  /** Bytes of an image in CIFAR-10's binary form. */
  private static final int CIFAR_RECORD = 3073;

  private Samples() {}

  /**
   * What a bug in a reader of networks would show in: each kind of layer with something to read.
   */
  static Graph graph() {
    return Graph.of(Shape.of(3, 8, 8))
        .then("conv", Conv2d.of(4, Window.square(3).padding(1)))
        .then("bn", BatchNorm.keras())
        .then("relu", Activation.relu())
        .then("norm", LocalResponseNorm.paper())
        .then("pool", MaxPool2d.of(Window.square(2).stride(2)))
        .then("flatten", new Flatten())
        .then("drop", new Dropout(0.5f))
        .then("logits", Dense.of(CLASSES.size()))
        .build();
  }

  static Network network() {
    return Network.builder(graph()).threads(1).seed(3).build();
  }

  static Trainer trainer(Network network) {
    return Trainer.of(network).learningRate(LearningRate.plateau(0.01f, 0.5f, 1));
  }

  static ArrayBatches batches() {
    Tensor images = Tensor.zeros(4, 3, 8, 8);
    for (int i = 0; i < images.size(); i++) {
      images.array()[i] = i % 7 * 0.1f;
    }
    return ArrayBatches.of(images, new int[] {0, 1, 2, 0}).classNames(CLASSES).batchSize(2);
  }

  static void safetensors(Path file) throws IOException {
    SafeTensors.write(
        file, Map.of("a", ramp(2, 3), "b.weight", ramp(5)), Map.of("key", "value", "k", "ü\n"));
  }

  static void npy(Path file) throws IOException {
    Npy.write(file, ramp(3, 2, 4));
  }

  static void checkpoint(Path folder) {
    try (Network network = network()) {
      trainer(network).checkpoint(folder).note("program", "text").fit(batches(), batches(), 2);
    }
  }

  static void model(Path file) throws IOException {
    try (Network network = network()) {
      ImageClassifier.save(file, network, preprocessing(), CLASSES);
    }
  }

  private static Preprocessing preprocessing() {
    return new Preprocessing(3, 10, 8, Normalization.imageNet());
  }

  static void onnx(Path file) throws IOException {
    try (Network network = network()) {
      Onnx.write(file, network, ImageClassifier.metadata(preprocessing(), CLASSES));
    }
  }

  static void npz(Path file) throws IOException {
    byte[] images = npyBytes("|u1", "(4, 5, 5)", 100);
    byte[] labels = npyBytes("<i8", "(4,)", 32);
    Arrays.fill(labels, labels.length - 32, labels.length, (byte) 0);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String part : List.of("train", "test")) {
        put(zip, "x_" + part + ".npy", images);
        put(zip, "y_" + part + ".npy", labels);
      }
    }
  }

  private static byte[] npyBytes(String type, String shape, int bytes) {
    String text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n".formatted(type, shape);
    ByteBuffer file = ByteBuffer.allocate(10 + text.length() + bytes);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length(), 0});
    file.put(text.getBytes(StandardCharsets.US_ASCII));
    while (file.hasRemaining()) {
      file.put((byte) (file.position() * 7));
    }
    return file.array();
  }

  /** Two grey images of 3×2 pixels. */
  static void idx(Path folder) throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + 12);
    images.putInt(0x803).putInt(2).putInt(2).putInt(3);
    Files.write(folder.resolve("images"), images.array());
    ByteBuffer labels = ByteBuffer.allocate(8 + 2);
    labels.putInt(0x801).putInt(2).put((byte) 1).put((byte) 2);
    Files.write(folder.resolve("labels"), labels.array());
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(bytes);
    }
    return zipped.toByteArray();
  }

  static void cifarBinaries(Path folder) throws IOException {
    for (int i = 1; i <= 5; i++) {
      Files.write(folder.resolve("data_batch_" + i + ".bin"), cifarRecord(i));
    }
    Files.write(folder.resolve("test_batch.bin"), cifarRecord(0));
  }

  private static byte[] cifarRecord(int label) {
    byte[] record = new byte[CIFAR_RECORD];
    record[0] = (byte) label;
    return record;
  }

  /** Of CIFAR-10's binary files. */
  static byte[] tar() {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (int i = 1; i <= 5; i++) {
      tarEntry(tar, "batches/data_batch_" + i + ".bin", cifarRecord(i));
    }
    tarEntry(tar, "batches/test_batch.bin", cifarRecord(0));
    tar.writeBytes(new byte[1024]);
    return tar.toByteArray();
  }

  static void tarEntry(ByteArrayOutputStream tar, String name, byte[] content) {
    byte[] header = new byte[512];
    System.arraycopy(name.getBytes(StandardCharsets.US_ASCII), 0, header, 0, name.length());
    byte[] size = "%011o".formatted(content.length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    header[156] = '0';
    tar.writeBytes(header);
    tar.writeBytes(Arrays.copyOf(content, (content.length + 511) / 512 * 512));
  }

  static void cifarZip(Path file) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      put(zip, "train/cat/1.png", picture("png", 8, 8));
      put(zip, "test/dog/1.jpg", picture("jpg", 8, 8));
    }
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0); // the same file in every run
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  static void packed(Path folder) {
    Packer.to(folder).side(6).threads(1).pack(Shapes.of(5, 9, 1));
  }

  /** In the format that the file's name ends in. */
  static void picture(Path file) throws IOException {
    String name = file.toString();
    Files.write(file, picture(name.substring(name.lastIndexOf('.') + 1), 24, 17));
  }

  /** Something drawn, not a single colour, so that the file has something of each kind. */
  static byte[] picture(String format, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.ORANGE);
    graphics.fillOval(1, 1, width - 2, height - 2);
    graphics.setColor(Color.BLUE);
    graphics.drawLine(0, 0, width, height);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  /** A list of images beside it. */
  static void list(Path folder) throws IOException {
    Files.write(folder.resolve("a.png"), picture("png", 4, 4));
    Files.write(folder.resolve("b c.png"), picture("png", 4, 4));
    Files.writeString(folder.resolve("train.txt"), "a.png 0\nb c.png\t1\na.png 1\n");
  }

  static void namedFolder(Path folder) throws IOException {
    for (String name : List.of("n1", "n2")) {
      Path images = Files.createDirectories(folder.resolve(name));
      Files.write(images.resolve("a.png"), picture("png", 4, 4));
    }
    Files.writeString(folder.resolve("synset_words.txt"), "n1 tench, Tinca\nn2 goldfish\n");
  }

  private static Tensor ramp(int... dimensions) {
    Tensor tensor = Tensor.zeros(dimensions);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[i] = i - 2.5f;
    }
    return tensor;
  }
}
