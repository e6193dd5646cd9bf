package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import io.alexnet.data.Dataset;
import io.alexnet.data.SharedData;
import io.alexnet.data.Split;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {

  private static final List<String> CLASSES = List.of("a", "b", "c");
  @TempDir Path folder;

  private static byte[] images(int magic, int count, int height, int width, int bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(16 + bytes);
    buffer.putInt(magic).putInt(count).putInt(height).putInt(width);
    for (int i = 0; i < bytes; i++) {
      buffer.put((byte) i);
    }
    return buffer.array();
  }

  private static byte[] labels(int... labels) {
    ByteBuffer buffer = ByteBuffer.allocate(8 + labels.length);
    buffer.putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      buffer.put((byte) label);
    }
    return buffer.array();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(content);
    }
    return out.toByteArray();
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @Test
  void imagesAndLabelsAreReadPlainOrZippedWhateverTheName() throws IOException {
    Path images = write("images", gzip(images(0x803, 3, 2, 4, 24)));
    Path labels = write("labels.gz", labels(2, 0, 1));
    Dataset dataset = Idx.of(images, labels, CLASSES);
    assertEquals(3, dataset.size());
    assertEquals(1, dataset.channels());
    assertEquals(0, dataset.label(1));
    assertEquals("Image 4×2×1", dataset.image(0).toString());
    assertEquals(8 + 4 + 1, dataset.image(1).sample(1, 1, 0));
    assertEquals(images + ", image 2", dataset.name(2));
  }

  @Test
  void thereAreNoImagesBeyondTheLast() {
    RawImages images = new RawImages("x", 2, 1, 1, new byte[6], new byte[3], List.of("a"));
    assertEquals(2, images.image(2).pixels().length);
    assertThrows(IndexOutOfBoundsException.class, () -> images.image(3));
    assertThrows(IndexOutOfBoundsException.class, () -> images.image(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> images.label(3));
  }

  @Test
  void whatIsNotAsItSaysIsRefused() throws IOException {
    Path labels = write("labels", labels(2, 0, 1));
    Path images = write("images", images(0x803, 3, 2, 4, 24));
    Object[][] wrong = {
      {images(0x801, 3, 2, 4, 24), "not an idx file of images"},
      {images(0x803, 2, 2, 4, 16), "3 labels"},
      {images(0x803, 3, 2, 4, 23), "truncated"},
      {images(0x803, 3, 2, 4, 25), "goes on"},
      {images(0x803, 3, 0, 4, 0), "0 pixels"},
      {images(0x803, 3, 65535, 65535, 10), "12884508675"},
      {images(0x803, 3, 20000, 20000, 10), "truncated"},
      {new byte[3], "truncated"},
      {new byte[0], "truncated"},
      {Arrays.copyOf(gzip(images(0x803, 3, 2, 4, 24)), 30), "truncated"},
    };
    for (int i = 0; i < wrong.length; i++) {
      Path file = write("wrong" + i, (byte[]) wrong[i][0]);
      assertRefused(file, (String) wrong[i][1], () -> Idx.of(file, labels, CLASSES));
    }
    Path many = write("many", labels(0, 3, 1));
    assertRefused(many, "label 3 of image 1", () -> Idx.of(images, many, CLASSES));
    assertRefused(images, "not an idx file of labels", () -> Idx.of(images, images, CLASSES));
    Path missing = folder.resolve("missing");
    assertRefused(missing, "no such file", () -> Idx.of(missing, labels, CLASSES));
  }

  @Test
  void theFourFilesOfAFolderAreTwoDatasets() throws IOException {
    write("train-images-idx3-ubyte", images(0x803, 3, 2, 2, 12));
    write("train-labels-idx1-ubyte.gz", gzip(labels(7, 8, 9)));
    write("t10k-images-idx3-ubyte.gz", gzip(images(0x803, 1, 2, 2, 4)));
    assertRefused(folder, "t10k-labels-idx1-ubyte", () -> Mnist.in(folder));
    write("t10k-labels-idx1-ubyte", labels(4));
    Split digits = Mnist.in(folder);
    assertEquals(3, digits.train().size());
    assertEquals("9", digits.train().classNames().get(digits.train().label(2)));
    Split clothes = FashionMnist.in(folder);
    assertEquals("coat", clothes.validation().classNames().get(clothes.validation().label(0)));
  }

  @Test
  void theFourFilesAreFetchedOnceAndOpened() throws Exception {
    Map<String, byte[]> files =
        Map.of(
            "train-images-idx3-ubyte.gz", gzip(images(0x803, 3, 2, 2, 12)),
            "train-labels-idx1-ubyte.gz", gzip(labels(2, 1, 0)),
            "t10k-images-idx3-ubyte.gz", gzip(images(0x803, 1, 2, 2, 4)),
            "t10k-labels-idx1-ubyte.gz", gzip(labels(1)));
    Map<String, String> checksums = new HashMap<>();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(file.getValue());
      checksums.put(file.getKey(), HexFormat.of().formatHex(digest));
    }
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] content = files.get(exchange.getRequestURI().getPath().substring(1));
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    InetSocketAddress address = server.getAddress();
    String base = "http://" + address.getHostString() + ":" + address.getPort() + "/";
    try {
      Split split = Idx.download(folder, base, checksums, CLASSES);
      assertEquals(3, split.train().size());
      assertEquals(1, split.validation().label(0));
    } finally {
      server.stop(0);
    }
    assertEquals(3, Idx.download(folder, base, checksums, CLASSES).train().size());
    for (String zipped : checksums.keySet()) { // as gunzip leaves them
      Path file = folder.resolve(zipped);
      try (var content = new GZIPInputStream(Files.newInputStream(file))) {
        Files.copy(content, folder.resolve(zipped.replace(".gz", "")));
      }
      Files.delete(file);
    }
    assertEquals(3, Idx.download(folder, base, checksums, CLASSES).train().size());
  }

  @Test
  void fashionMnistIsWhole() {
    Split split = FashionMnist.in(SharedData.folder("fashion-mnist"));
    assertEquals(60_000, split.train().size());
    assertEquals(10_000, split.validation().size());
    for (int label = 0; label < 10; label++) {
      int wanted = label;
      Dataset test = split.validation();
      assertEquals(
          1000, IntStream.range(0, test.size()).filter(i -> test.label(i) == wanted).count());
    }
    assertEquals("Image 28×28×1", split.train().image(59_999).toString());
  }
}
