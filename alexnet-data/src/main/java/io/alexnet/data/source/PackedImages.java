package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Images that {@link Packer} has written: their pixels lie in files mapped into memory, and an
 * image is one copy out of such a file.
 *
 * <p>Opening checks the index and, of every file, that it is there, its size and its first image.
 * Every image's checksum is checked each time it is read, which costs as much as the copy. If a
 * disk fails, or a file is cut while it is mapped, the JVM throws an {@link InternalError}, at no
 * certain place.
 */
public final class PackedImages implements Dataset {

  private final PackedIndex index;
  private final PackedIndex.Part part;
  private final List<Path> files = new ArrayList<>();
  private final List<ByteBuffer> shards = new ArrayList<>();

  private PackedImages(Path folder, PackedIndex index, PackedIndex.Part part) {
    this.index = index;
    this.part = part;
    for (int shard = 0; shard < part.shards().size(); shard++) {
      Path file = folder.resolve(part.shards().get(shard));
      files.add(file);
      shards.add(map(file, part.shardBytes(shard)));
    }
    for (int image = 0; image < part.size(); image++) {
      if (part.offset(image) == PackedFormat.HEADER_BYTES) {
        requireFirst(image);
      }
    }
  }

  /**
   * Images that are all one.
   *
   * @throws DatasetException if the folder holds none, or a file in it is missing or not the one
   *     that was packed
   * @throws java.io.UncheckedIOException if this thread is interrupted, which it is afterwards, too
   */
  public static PackedImages in(Path folder) {
    PackedIndex index = PackedIndex.read(folder);
    if (hasParts(index)) {
      throw new DatasetException(folder + ": holds two parts; open it as a split");
    }
    return part(folder, index, PackedFormat.ALL);
  }

  /**
   * The two parts as they were packed, or a stratified random split of what was packed as one: of
   * the same images the same as before they were packed.
   *
   * @param trainFraction share of training in a random split
   * @throws DatasetException as for {@link #in}
   */
  public static Split split(Path folder, double trainFraction, long seed) {
    PackedIndex index = PackedIndex.read(folder);
    return hasParts(index)
        ? new Split(
            part(folder, index, PackedFormat.TRAIN), part(folder, index, PackedFormat.VALIDATION))
        : part(folder, index, PackedFormat.ALL).split(trainFraction, seed);
  }

  /**
   * What a trained network is tested with: the second of two parts; otherwise all images.
   *
   * @throws DatasetException as for {@link #in}
   */
  public static PackedImages forTest(Path folder) {
    PackedIndex index = PackedIndex.read(folder);
    return part(folder, index, hasParts(index) ? PackedFormat.VALIDATION : PackedFormat.ALL);
  }

  private static boolean hasParts(PackedIndex index) {
    return index.parts().size() > 1;
  }

  private static PackedImages part(Path folder, PackedIndex index, String name) {
    return new PackedImages(folder, index, index.parts().get(name));
  }

  private ByteBuffer map(Path file, int bytes) {
    if (!Files.isRegularFile(file)) {
      throw new DatasetException(file + ": missing; the index names it");
    }
    ByteBuffer mapped;
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() != bytes) {
        throw new DatasetException(
            file + ": has " + channel.size() + " bytes, not the " + bytes + " that were packed");
      }
      mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes);
    } catch (ClosedByInterruptException e) {
      throw Interruption.during("opening " + file);
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
    byte[] header = new byte[PackedFormat.HEADER_BYTES];
    mapped.get(0, header);
    long pixels = bytes - PackedFormat.HEADER_BYTES;
    byte[] expected = PackedFormat.header(index.crop(), index.side(), index.channels(), pixels);
    if (!Arrays.equals(header, expected)) {
      throw new DatasetException(file + ": its header is damaged or of other images");
    }
    return mapped;
  }

  private void requireFirst(int image) {
    try {
      image(image);
    } catch (ImageException e) {
      throw new DatasetException(e.getMessage() + "; or the file is of another index", e);
    }
  }

  @Override
  public int size() {
    return part.size();
  }

  @Override
  public int channels() {
    return index.channels();
  }

  @Override
  public List<String> classNames() {
    return index.classNames();
  }

  @Override
  public int label(int image) {
    return part.label(Objects.checkIndex(image, size()));
  }

  /** The file that its pixels are in, its number in the part, and what it was called before. */
  @Override
  public String name(int image) {
    Path file = files.get(part.shard(Objects.checkIndex(image, size())));
    return file + ", image " + image + " (" + index.name(part, image) + ")";
  }

  @Override
  public Image image(int image) {
    ByteBuffer shard = shards.get(part.shard(Objects.checkIndex(image, size())));
    int width = part.width(image);
    int height = part.height(image);
    byte[] pixels = new byte[width * height * index.channels()];
    shard.get(part.offset(image), pixels);
    if (PackedFormat.checksum(pixels) != part.checksum(image)) {
      throw new ImageException(name(image), "damaged: its checksum does not match");
    }
    return new Image(width, height, index.channels(), pixels);
  }

  @Override
  public boolean readyAt(int side) {
    return side == index.side();
  }
}
