package io.alexnet.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that would take far more memory, or time, than their size lets expect: {@link Attempt}
 * measures both. No such file comes of random changes.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BombTest {

  private static final int MEGABYTE = 1 << 20;

  private static final String NORMS = "epoch,weight_norm,gradient_norm,parameter\n";

  @TempDir Path temporary;

  /** Gives the reader's message. */
  private static String refused(Reader reader, byte[] file) throws IOException {
    try (Attempt attempt = new Attempt(reader)) {
      assertFalse(attempt.on(file));
      return attempt.refusal();
    }
  }

  /** What stands before, then one text again and again, then what stands behind. */
  private static byte[] repeated(String before, String text, int bytes, String behind) {
    String all = before + text.repeat(bytes / text.length()) + behind;
    return all.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] safetensors(byte[] header) {
    return ByteBuffer.allocate(Long.BYTES + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  @Test
  void aTensorOfManyDimensions() throws IOException {
    String start = "{\"a\":{\"dtype\":\"F32\",\"shape\":[";
    String end = "1],\"data_offsets\":[0,0]}}";
    refused(Reader.SAFETENSORS, safetensors(repeated(start, "1,", 10 * MEGABYTE, end)));
  }

  @Test
  void manyEmptyTensors() throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 300_000; i++) {
      header.append(i == 0 ? "" : ",").append('"').append(i);
      header.append("\":{\"dtype\":\"\",\"shape\":[],\"data_offsets\":[0,0]}");
    }
    refused(Reader.SAFETENSORS, safetensors(bytes(header.append('}'))));
  }

  @Test
  void manyTexts() throws IOException {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i < 800_000; i++) {
      header.append(i == 0 ? "" : ",").append('"').append(i).append("\":\"\"");
    }
    refused(Reader.SAFETENSORS, safetensors(bytes(header.append("}}"))));
  }

  private static byte[] bytes(CharSequence text) {
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Each is two bytes in the file. */
  @Test
  void manyEmptyNodes() throws IOException {
    byte[] graph = new byte[6 * MEGABYTE];
    for (int i = 0; i < graph.length; i += 2) {
      graph[i] = 0x0A; // field 1, a node, of length 0
    }
    refused(Reader.ONNX, field(7, graph));
  }

  @Test
  void manyEmptyAttributes() throws IOException {
    byte[] node = new byte[6 * MEGABYTE];
    for (int i = 0; i < node.length; i += 2) {
      node[i] = 0x2A; // field 5, an attribute, of length 0
    }
    refused(Reader.ONNX, field(7, field(1, node)));
  }

  @Test
  void manyFieldsThatNobodyKnows() throws IOException {
    byte[] model = new byte[6 * MEGABYTE];
    for (int i = 0; i < model.length; i += 3) {
      model[i] = (byte) 0xC0; // field 1000, a number
      model[i + 1] = 0x3E;
    }
    refused(Reader.ONNX, model);
  }

  @Test
  void manyKnownFieldsOfAnotherType() throws IOException {
    byte[] model = new byte[6 * MEGABYTE];
    for (int i = 0; i < model.length; i += 2) {
      model[i] = 0x38; // field 7, the graph, as a number
    }
    refused(Reader.ONNX, model);
  }

  @Test
  void aGroupOfManyGroups() throws IOException {
    byte[] groups = new byte[6 * MEGABYTE];
    groups[0] = 0x4B; // field 9, the start of a group
    groups[groups.length - 1] = 0x4C; // and its end
    for (int i = 1; i + 4 < groups.length; i += 4) {
      groups[i] = 0x4B;
      groups[i + 1] = 0x50; // in it, field 10, a number
      groups[i + 3] = 0x4C;
    }
    refused(Reader.ONNX, groups);
  }

  /** Which a parser may follow until its stack is full. */
  @Test
  void messagesAndGroupsWithinEachOther() throws IOException {
    byte[] groups = new byte[MEGABYTE];
    Arrays.fill(groups, (byte) 0x0B); // field 1, the start of a group
    refused(Reader.ONNX, groups);
    Arrays.fill(groups, (byte) 0x4B); // field 9, which no model has
    refused(Reader.ONNX, groups);
    byte[] graph = {};
    for (int depth = 0; depth < 2000; depth++) { // a node's attribute is a graph
      graph = field(1, field(5, field(6, graph)));
    }
    refused(Reader.ONNX, field(7, graph));
  }

  @Test
  void listsWithinEachOther() throws IOException {
    refused(Reader.CONFIGURATION, repeated("", "[", MEGABYTE, ""));
    refused(Reader.SAFETENSORS, safetensors(repeated("{\"a\":", "{\"a\":", MEGABYTE, "")));
  }

  /** A field of protobuf that holds bytes. */
  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    field.write(number << 3 | 2);
    for (int rest = content.length; ; rest >>>= 7) {
      field.write(rest & 0x7F | (rest > 0x7F ? 0x80 : 0));
      if (rest <= 0x7F) {
        break;
      }
    }
    field.writeBytes(content);
    return field.toByteArray();
  }

  @Test
  void jsonOfManyEmptyLists() throws IOException {
    refused(Reader.CONFIGURATION, repeated("[", "[],", 12 * MEGABYTE, "[]]"));
    refused(Reader.EVALUATION, repeated("[", "{},", 12 * MEGABYTE, "[]]"));
  }

  @Test
  void tablesOfManyRows() throws IOException {
    String metrics =
        "epoch,step,train_loss,train_top1,validation_loss,validation_top1,validation_top5,"
            + "learning_rate,images_per_second,seconds\n";
    refused(Reader.METRICS, repeated(metrics, ",", 12 * MEGABYTE, "\n"));
    refused(Reader.NORMS, repeated(NORMS, "1,1,,\n", 40 * MEGABYTE, ""));
  }

  /** Few enough bytes, but too many rows. */
  @Test
  void aTableOfMoreThanAMillionRows() throws IOException {
    String message = refused(Reader.NORMS, repeated(NORMS, "1,1,,\n", 30 * MEGABYTE, ""));
    assertTrue(message.endsWith("norms.csv: it has more than 1000000 rows"), message);
  }

  @Test
  void anArchiveThatNeverEnds() throws IOException {
    Path file = temporary.resolve("bomb.gz");
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
      byte[] header = new byte[512];
      System.arraycopy("data_batch_1.bin".getBytes(StandardCharsets.US_ASCII), 0, header, 0, 16);
      System.arraycopy("07777777777".getBytes(StandardCharsets.US_ASCII), 0, header, 124, 11);
      header[156] = '0';
      gzip.write(header);
      for (int i = 0; i < 100; i++) {
        gzip.write(new byte[MEGABYTE]);
      }
    }
    byte[] bomb = Files.readAllBytes(file);
    refused(Reader.CIFAR_TAR, bomb);
  }

  @Test
  void anArchiveOfNegativeSizes() throws IOException {
    byte[] tar = Samples.tar();
    System.arraycopy("-00000000010".getBytes(StandardCharsets.US_ASCII), 0, tar, 124, 12);
    refused(Reader.CIFAR_TAR, Samples.gzip(tar));
  }

  @Test
  void imagesThatAreNotThere() throws IOException {
    ByteBuffer labels = ByteBuffer.allocate(8 + 150 * MEGABYTE);
    labels.putInt(0x801).putInt(150 * MEGABYTE);
    refused(Reader.IDX_LABELS, Samples.gzip(labels.array()));
    ByteBuffer images = ByteBuffer.allocate(16 + 1000);
    images.putInt(0x803).putInt(2).putInt(30_000).putInt(30_000);
    refused(Reader.IDX_IMAGES, images.array());
    refused(Reader.IDX_GZIP, images.array());
  }

  @Test
  void aZippedImageOfManyMegabytes() throws IOException {
    refused(Reader.CIFAR_ZIP, zip(List.of("train/cat/1.png", "test/cat/1.png"), 150));
  }

  @Test
  void aZippedArrayThatIsNone() throws IOException {
    refused(Reader.NPZ, zip(List.of("x_train.npy"), 150));
    refused(Reader.NPZ_IMAGES, zip(List.of("x_train.npy", "y_train.npy"), 150));
  }

  /** Of zeros. */
  private byte[] zip(List<String> names, int megabytes) throws IOException {
    Path file = temporary.resolve("bomb.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        for (int i = 0; i < megabytes; i++) {
          zip.write(new byte[MEGABYTE]);
        }
      }
    }
    return Files.readAllBytes(file);
  }

  @Test
  void anArchiveOfManyArrays() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < 150_000; i++) {
        zip.putNextEntry(new ZipEntry(i + ".npy"));
      }
    }
    refused(Reader.NPZ, bytes.toByteArray());
  }

  /** Zip files and tar archives are read in memory; no name in them is a path here. */
  @Test
  void namesThatLeadOutOfAnArchive() throws IOException {
    Path absolute = temporary.resolve("elsewhere/train/cat/2.png");
    List<String> names =
        List.of("../train/cat/1.png", absolute.toString(), "../../test/dog/3.png", "../x.npy");
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zip)) {
      for (String name : names) {
        out.putNextEntry(new ZipEntry(name));
        out.write(Samples.picture("png", 4, 4));
      }
    }
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    Samples.tarEntry(tar, "../../data_batch_1.bin", new byte[3073]);
    makesNoFile(Reader.CIFAR_ZIP, zip.toByteArray());
    makesNoFile(Reader.NPZ, zip.toByteArray());
    makesNoFile(Reader.CIFAR_TAR, Samples.gzip(tar.toByteArray()));
  }

  /** In a folder so deep that names of two steps up stay in the test's own. */
  private void makesNoFile(Reader reader, byte[] archive) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("a/b").resolve(reader.folderName()));
    reader.prepare(folder);
    List<Path> before = files();
    try (Attempt attempt = new Attempt(reader, folder)) {
      boolean read = attempt.on(archive);
      assertEquals(before, files());
      assertEquals(reader == Reader.CIFAR_ZIP, read, "the only one whose content is sound");
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(temporary)) {
      return files.sorted().toList();
    }
  }
}
