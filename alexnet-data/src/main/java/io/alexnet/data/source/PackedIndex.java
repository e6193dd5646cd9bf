package io.alexnet.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alexnet.data.DatasetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What a folder of packed images holds: index.tsv, mapped, and its numbers. The names of a million
 * images would fill the heap; they stay in the file.
 */
final class PackedIndex {

  /** Of the images of one part, the numbers in the index. */
  static final class Part {
    private static final int FIELDS = 7;
    private static final int SHARD = 0;
    private static final int LABEL = 1;
    private static final int OFFSET = 2;
    private static final int WIDTH = 3;
    private static final int HEIGHT = 4;
    private static final int CHECKSUM = 5;
    private static final int NAME_AT = 6;

    private final List<String> shards = new ArrayList<>();
    private final List<Integer> shardBytes = new ArrayList<>();
    private int[] table = new int[FIELDS * 16];
    private int size;

    private void add(int... fields) {
      if ((size + 1) * FIELDS > table.length) {
        table = Arrays.copyOf(table, 2 * table.length);
      }
      System.arraycopy(fields, 0, table, FIELDS * size++, FIELDS);
    }

    private int field(int image, int field) {
      return table[FIELDS * image + field];
    }

    int size() {
      return size;
    }

    /** Names of the files. */
    List<String> shards() {
      return shards;
    }

    /** Bytes of a file, with its header. */
    int shardBytes(int shard) {
      return shardBytes.get(shard);
    }

    int shard(int image) {
      return field(image, SHARD);
    }

    int label(int image) {
      return field(image, LABEL);
    }

    /** Of its first byte in the shard's file. */
    int offset(int image) {
      return field(image, OFFSET);
    }

    int width(int image) {
      return field(image, WIDTH);
    }

    int height(int image) {
      return field(image, HEIGHT);
    }

    int checksum(int image) {
      return field(image, CHECKSUM);
    }
  }

  private static final Set<Set<String>> KNOWN_PARTS =
      Set.of(Set.of(PackedFormat.ALL), Set.of(PackedFormat.TRAIN, PackedFormat.VALIDATION));

  /** Of classes, and of shards; these stay in memory. */
  private static final int MOST_NAMES = 500_000;

  private final Path file;
  private final ByteBuffer text;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final List<String> classNames = new ArrayList<>();
  private int side;
  private Packer.Crop crop;
  private int channels;

  private PackedIndex(Path file, ByteBuffer text) {
    this.file = file;
    this.text = text;
  }

  /**
   * @throws DatasetException if there is no index, or none that this version can read
   * @throws java.io.UncheckedIOException if this thread is interrupted, which it is afterwards, too
   */
  static PackedIndex read(Path folder) {
    Path file = folder.resolve(PackedFormat.INDEX);
    if (!Files.isRegularFile(file)) {
      boolean unfinished = Files.exists(Path.of(folder + ".part"));
      throw new DatasetException(
          folder
              + (unfinished
                  ? ": packing was not finished: pack again"
                  : ": not a folder of packed images (it has no " + PackedFormat.INDEX + ")"));
    }
    MappedByteBuffer text;
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new DatasetException(
            file + ": 2 GB or more, too large to be the index of packed images");
      }
      text = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    } catch (ClosedByInterruptException e) {
      throw Interruption.during("opening " + file);
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
    PackedIndex index = new PackedIndex(file, text);
    int line = 1;
    try {
      index.requireVersion();
      index.requireChecksum();
      Fields fields = new Fields(text, 0);
      fields.skipLine();
      Shard shard = null;
      int end = text.limit() - PackedFormat.CHECKSUM_LINE_BYTES;
      for (line = 2; fields.at < end; line++) {
        shard = index.add(fields, shard);
        fields.skipLine();
      }
      if (index.crop == null
          || !KNOWN_PARTS.contains(index.parts.keySet())
          || index.parts.values().stream().anyMatch(part -> part.size() == 0)) {
        throw new IllegalArgumentException("it lacks something");
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw new DatasetException(
          file + ", line " + line + ": not as version " + PackedFormat.VERSION + " has it", e);
    }
    return index;
  }

  private void requireVersion() {
    String start = UTF_8.decode(text.slice(0, Math.min(64, text.limit()))).toString();
    if (!start.startsWith(PackedFormat.MAGIC)) {
      throw new DatasetException(file + ": not an index of packed images");
    }
    String version = start.substring(PackedFormat.MAGIC.length()).lines().findFirst().orElse("");
    if (!version.equals(PackedFormat.VERSION)) {
      throw new DatasetException(
          file
              + ": of version "
              + version
              + " of the format, and this program reads version "
              + PackedFormat.VERSION
              + ": pack again");
    }
  }

  private void requireChecksum() {
    int end = Math.max(0, text.limit() - PackedFormat.CHECKSUM_LINE_BYTES);
    CRC32C crc = new CRC32C();
    crc.update(text.slice(0, end));
    String last = UTF_8.decode(text.slice(end, text.limit() - end)).toString();
    if (!last.equals(PackedFormat.checksumLine((int) crc.getValue()))) {
      throw new DatasetException(
          file + ": damaged or cut off, its checksum does not match: pack again");
    }
  }

  /** The file whose images are being listed. */
  private record Shard(Part part, int number) {}

  /** Takes in a line, of which the fields are the next. */
  private Shard add(Fields fields, Shard shard) {
    String kind = fields.next();
    if (kind.equals(PackedFormat.IMAGES) != (crop == null)) {
      throw new IllegalArgumentException("the second line, and no other, tells of the images");
    }
    switch (kind) {
      case PackedFormat.IMAGES -> {
        side = fields.number();
        crop = Packer.Crop.valueOf(fields.next().toUpperCase(Locale.ROOT));
        channels = fields.number();
        if (side < 1 || channels != 1 && channels != 3) {
          throw new IllegalArgumentException("side " + side + ", channels " + channels);
        }
      }
      case PackedFormat.CLASS -> {
        requireFew(classNames);
        classNames.add(fields.next());
      }
      case PackedFormat.SHARD -> {
        String name = fields.next();
        if (!PackedFormat.SHARD_NAME.matcher(name).matches()) {
          throw new IllegalArgumentException(name);
        }
        Part part = parts.computeIfAbsent(name.substring(0, name.indexOf('-')), n -> new Part());
        requireFew(part.shards);
        part.shards.add(name);
        part.shardBytes.add(PackedFormat.HEADER_BYTES);
        return new Shard(part, part.shards.size() - 1);
      }
      case PackedFormat.IMAGE -> {
        if (shard == null) {
          throw new IllegalArgumentException("an image before any shard");
        }
        addImage(fields, shard.part(), shard.number());
      }
      case PackedFormat.SKIPPED -> {}
      default -> throw new IllegalArgumentException("a line of another kind");
    }
    return shard;
  }

  private void requireFew(List<String> names) {
    if (names.size() == MOST_NAMES) {
      throw new DatasetException(file + ": more than " + MOST_NAMES + " classes or shards");
    }
  }

  private void addImage(Fields fields, Part part, int shard) {
    int label = Objects.checkIndex(fields.number(), classNames.size());
    int offset = fields.number();
    int width = fields.number();
    int height = fields.number();
    int checksum = Integer.parseUnsignedInt(fields.next(), 16);
    int end = Math.toIntExact(offset + (long) width * height * channels);
    if (offset != part.shardBytes.get(shard) || Math.min(width, height) != side) {
      throw new IllegalArgumentException("out of place, or of another size");
    }
    part.shardBytes.set(shard, end);
    part.add(shard, label, offset, width, height, checksum, fields.at);
  }

  /** Reads a text field by field. */
  private static final class Fields {
    private final ByteBuffer text;
    private int at;

    Fields(ByteBuffer text, int at) {
      this.text = text;
      this.at = at;
    }

    /** The field that begins here, up to the next tab or end of line, which is passed if a tab. */
    String next() {
      int from = at;
      while (text.get(at) != '\t' && text.get(at) != '\n') {
        at++;
      }
      String field = UTF_8.decode(text.slice(from, at - from)).toString();
      at += text.get(at) == '\t' ? 1 : 0;
      return field;
    }

    int number() {
      return Integer.parseInt(next());
    }

    void skipLine() {
      while (text.get(at++) != '\n') {}
    }
  }

  /** By name: "all", or "train" and "validation". */
  Map<String, Part> parts() {
    return parts;
  }

  List<String> classNames() {
    return classNames;
  }

  int side() {
    return side;
  }

  Packer.Crop crop() {
    return crop;
  }

  int channels() {
    return channels;
  }

  /** What the image was called in the dataset that was packed. */
  String name(Part part, int image) {
    return new Fields(text, part.field(image, Part.NAME_AT)).next();
  }
}
