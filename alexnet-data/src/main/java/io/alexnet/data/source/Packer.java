package io.alexnet.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Resize;
import io.alexnet.format.AtomicFile;
import io.alexnet.format.LockFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Decodes and resizes a dataset's images once and writes their pixels to a folder, from which
 * {@link PackedImages} reads them without decoding anything.
 *
 * <p>What is written depends on the images and the options alone, not on the number of threads:
 * images come in the dataset's order, and packing twice gives the same bytes. Images that cannot be
 * read are left out and named in the index.
 *
 * <p>All is written to a folder beside the wanted one, of the same name and {@code .part}, which
 * gets its name when everything is on the disk. Packing that was killed leaves the part; the next
 * one into the same folder begins anew in its place. One that fails removes it. A part that holds
 * anything but what a packer writes is refused, and nothing in it is touched. While packing goes on
 * it has the lock of an empty hidden file beside the folder, which stays.
 */
public final class Packer {

  /** What is kept of an image. */
  public enum Crop {
    /** The centre square, resized: what a training cuts its crops from. */
    CENTRE,
    /**
     * All of it, its shorter side resized and its proportions kept; an image of more than 16 times
     * the area of its centre square is left out, as is one of more than 67 megapixels then.
     */
    FULL
  }

  /** Hears how far it is. */
  public interface Progress {
    /**
     * Called by the packing thread after each image.
     *
     * @param done images so far, with those left out
     * @param images in all
     */
    void packed(int done, int images);
  }

  /**
   * What was packed.
   *
   * @param skipped images that could not be read
   * @param bytes on the disk, in all
   */
  public record Summary(int images, int skipped, int shards, long bytes) {}

  /** Of an image in the index, without its name: kind, tabs, numbers, checksum, newline. */
  private static final int LEAST_LINE_BYTES = 5 + 6 + 4 + 8 + 1;

  /** Largest side, in pixels: a square of it is 200 MB of RGB. */
  public static final int MAX_SIDE = 8192;

  private static final int MAX_SQUARES = 16; // in the area of an image that is kept whole

  private final Path folder;
  private int side = 256;
  private Crop crop = Crop.CENTRE;
  private long shardBytes = 1L << 30;
  private int threads = Runtime.getRuntime().availableProcessors();
  private Path root;
  private Progress progress = (done, images) -> {};

  private Packer(Path folder) {
    this.folder = folder;
  }

  /**
   * @param folder missing or empty; of a link to a folder, the one that it leads to
   */
  public static Packer to(Path folder) {
    return new Packer(folder);
  }

  /** Length of each image's shorter side, 1 to 8192 pixels; 256 at first. */
  public Packer side(int side) {
    require(side >= 1 && side <= MAX_SIDE, "side must be from 1 to " + MAX_SIDE + ", not " + side);
    this.side = side;
    return this;
  }

  /** The centre square at first. */
  public Packer crop(Crop crop) {
    this.crop = crop;
    return this;
  }

  /**
   * Largest size of a file, which is at least that of one image; 1 GiB at first, at most what one
   * mapping can hold: 2³¹ − 1 bytes.
   */
  public Packer shardBytes(long bytes) {
    require(
        bytes >= 1 && bytes <= Integer.MAX_VALUE,
        "shards must have from 1 to " + Integer.MAX_VALUE + " bytes, not " + bytes);
    shardBytes = bytes;
    return this;
  }

  /** Threads that decode and resize; one for each processor at first. */
  public Packer threads(int threads) {
    require(threads >= 1, "threads must be at least 1, not " + threads);
    this.threads = threads;
    return this;
  }

  /**
   * Where names in the index begin, if the dataset's do; so the index does not tell where the
   * images were, and is the same wherever they are.
   */
  public Packer root(Path root) {
    this.root = root;
    return this;
  }

  public Packer progress(Progress progress) {
    this.progress = progress;
    return this;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * Packs a dataset that is all one, to be split by whoever trains with it.
   *
   * @throws DatasetException if the folder is not empty, there is no room, writing fails, or no
   *     image of a class can be read
   * @throws UncheckedIOException if this thread is interrupted, which it is afterwards, too
   * @throws OutOfMemoryError if the heap is too small for as many threads: no image is left out for
   *     that
   */
  public Summary pack(Dataset dataset) {
    return pack(Map.of(PackedFormat.ALL, dataset));
  }

  /**
   * Packs a dataset's two parts, which stay two.
   *
   * @throws DatasetException as for {@link #pack(Dataset)}
   */
  public Summary pack(Split split) {
    require(
        split.train().classNames().equals(split.validation().classNames())
            && split.train().channels() == split.validation().channels(),
        "the two parts differ in classes or channels");
    Map<String, Dataset> parts = new LinkedHashMap<>();
    parts.put(PackedFormat.TRAIN, split.train());
    parts.put(PackedFormat.VALIDATION, split.validation());
    return pack(parts);
  }

  private Summary pack(Map<String, Dataset> parts) {
    try {
      Path whole =
          Files.isDirectory(folder) ? folder.toRealPath() : folder.toAbsolutePath().normalize();
      require(whole.getFileName() != null, folder + ": not a folder to pack into");
      requireEmpty(whole);
      requireNotMounted(whole);
      Path part = whole.resolveSibling(whole.getFileName() + ".part");
      requireOwn(part);
      AtomicFile.createFolder(whole.getParent());
      // Not of a file in the part, which is deleted or renamed.
      try (LockFile lock = LockFile.ifFree(LockFile.beside(whole))) {
        if (lock == null) {
          throw new DatasetException(part + ": is being packed to at this moment");
        }
        requireEmpty(whole); // still: until now another may have been packing
        AtomicFile.createFolder(part);
        Summary summary = write(part, parts);
        rename(part, whole); // under the lock, or another could begin anew in it
        return summary;
      }
    } catch (ClosedByInterruptException e) {
      throw Interruption.during("packing");
    } catch (IOException e) {
      throw new DatasetException(folder + ": cannot be written: " + whyNot(e), e);
    }
  }

  private void requireEmpty(Path whole) throws IOException {
    if (Files.isDirectory(whole)) {
      try (Stream<Path> files = Files.list(whole)) {
        if (files.findAny().isPresent()) {
          throw new DatasetException(folder + ": is not empty; choose another folder, or empty it");
        }
      }
    } else if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(whole.toString());
    }
  }

  /** The part lies beside it, and can take its place only within one file system. */
  private void requireNotMounted(Path whole) throws IOException {
    if (Files.exists(whole)
        && !Files.getFileStore(whole).equals(Files.getFileStore(whole.getParent()))) {
      throw new DatasetException(
          folder + ": a file system is mounted there; choose a folder in it");
    }
  }

  /** What is in the part is going to be deleted. */
  private static void requireOwn(Path part) throws IOException {
    if (!Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean own = Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS);
    if (own) {
      try (Stream<Path> files = Files.list(part)) {
        own =
            files.allMatch(
                file ->
                    Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        && (isShard(file) || file.endsWith(PackedFormat.INDEX)));
      }
    }
    if (!own) {
      throw new DatasetException(
          part + ": is not what packing that was stopped has left; move it away");
    }
  }

  private static boolean isShard(Path file) {
    return PackedFormat.SHARD_NAME.matcher(file.getFileName().toString()).matches();
  }

  private static void deleteShards(Path part) throws IOException {
    try (Stream<Path> files = Files.list(part)) {
      for (Path shard : files.filter(Packer::isShard).toList()) {
        Files.delete(shard);
      }
    }
  }

  private static void rename(Path part, Path whole) {
    try {
      Files.deleteIfExists(whole); // an empty folder, or this fails
      Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new DatasetException(
          part + ": is whole but cannot be renamed to " + whole + ": " + whyNot(e), e);
    }
  }

  /** What is wrong, never without a word on it. */
  private static String whyNot(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "it is a file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "it is not empty";
    }
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + " is missing";
    }
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.toString();
  }

  /** Writes all of it, or leaves no part. */
  private Summary write(Path part, Map<String, Dataset> parts) throws IOException {
    Path indexFile = part.resolve(PackedFormat.INDEX);
    try (FileChannel index =
        FileChannel.open(
            indexFile,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      return write(part, index, parts);
    } catch (Throwable t) {
      try {
        deleteShards(part);
        Files.deleteIfExists(indexFile);
        Files.delete(part);
      } catch (IOException e) {
        t.addSuppressed(e);
      }
      throw t;
    }
  }

  private Summary write(Path part, FileChannel index, Map<String, Dataset> parts)
      throws IOException {
    deleteShards(part); // of packing that was killed
    requireRoom(parts.values(), Files.getFileStore(part).getUsableSpace());
    requireIndexable(parts.values());
    Queue<Thread> started = new ConcurrentLinkedQueue<>();
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(work, "alexnet-pack");
              thread.setDaemon(true);
              started.add(thread);
              return thread;
            });
    try {
      return new Packing(part, index, parts, workers).run();
    } finally {
      workers.shutdownNow();
      started.forEach(Packer::awaitEnd);
    }
  }

  private void requireRoom(Iterable<Dataset> parts, long usable) {
    long needed = 0;
    for (Dataset dataset : parts) {
      needed += (long) side * side * dataset.channels() * dataset.size();
    }
    if (needed > usable) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "%s: no room for the pixels: %s%.1f GB are needed and %.1f GB are free",
              folder,
              crop == Crop.FULL ? "at least " : "",
              needed / 1e9,
              usable / 1e9));
    }
  }

  /** Before the first image, as far as the names tell. */
  private void requireIndexable(Iterable<Dataset> parts) {
    long bytes = 0;
    for (Dataset dataset : parts) {
      for (int image = 0; image < dataset.size(); image++) {
        bytes += LEAST_LINE_BYTES + below(root, dataset.name(image)).length();
      }
    }
    requireIndexOf(bytes);
  }

  /** It is mapped as one. */
  private void requireIndexOf(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new DatasetException(
          folder
              + ": too many images for one index, whose names would take more than 2 GB;"
              + " pack them in several folders");
    }
  }

  /** A pool says that it has ended while its last thread is still about to. */
  private static void awaitEnd(Thread worker) {
    boolean interrupted = Thread.interrupted();
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * An image's pixels, or why there are none.
   *
   * @param complaint null if there are
   */
  private record Pixels(int width, int height, byte[] bytes, int checksum, String complaint) {

    static Pixels of(Image image) {
      byte[] bytes = image.pixels();
      return new Pixels(image.width(), image.height(), bytes, PackedFormat.checksum(bytes), null);
    }
  }

  /** One run of a packer: the files that are open, and the counts. */
  private final class Packing {

    private final Path path;
    private final FileChannel indexFile;
    private final CheckedOutputStream index;
    private final Map<String, Dataset> parts;
    private final ExecutorService workers;
    private final int channels;
    private final int total;
    private int done;
    private int skipped;
    private int shards;
    private long bytes;
    private FileChannel shard;

    Packing(Path path, FileChannel indexFile, Map<String, Dataset> parts, ExecutorService workers) {
      this.path = path;
      this.indexFile = indexFile;
      this.parts = parts;
      this.workers = workers;
      OutputStream buffered =
          new BufferedOutputStream(Channels.newOutputStream(indexFile), 1 << 16);
      index = new CheckedOutputStream(buffered, new CRC32C());
      channels = parts.values().iterator().next().channels();
      total = parts.values().stream().mapToInt(Dataset::size).sum();
    }

    Summary run() throws IOException {
      index.write((PackedFormat.MAGIC + PackedFormat.VERSION + '\n').getBytes(UTF_8));
      line(PackedFormat.IMAGES, side, crop.name().toLowerCase(Locale.ROOT), channels);
      List<String> classNames = parts.values().iterator().next().classNames();
      for (String name : classNames) {
        line(PackedFormat.CLASS, printable(name));
      }
      try {
        for (Map.Entry<String, Dataset> part : parts.entrySet()) {
          pack(part.getKey(), part.getValue());
        }
      } finally {
        if (shard != null) {
          shard.close(); // only if something went wrong
        }
      }
      int checksum = (int) index.getChecksum().getValue();
      index.write(PackedFormat.checksumLine(checksum).getBytes(UTF_8));
      index.flush();
      requireIndexOf(indexFile.size());
      indexFile.force(true);
      return new Summary(done - skipped, skipped, shards, bytes + indexFile.size());
    }

    private void pack(String part, Dataset dataset) throws IOException {
      // As a training resizes them, so that it gets the same pixels.
      ResizedImages squares = ResizedImages.of(dataset, side).cacheBytes(0);
      int[] packed = new int[dataset.classNames().size()];
      String[] complaints = new String[packed.length];
      int shardsOfPart = 0;
      Queue<Future<Pixels>> ahead = new ArrayDeque<>();
      int mostAhead = mostAhead(channels);
      for (int image = 0, next = 0; image < dataset.size(); image++) {
        for (; next < dataset.size() && ahead.size() < mostAhead; next++) {
          int claimed = next;
          ahead.add(workers.submit(() -> pixels(dataset, squares, claimed)));
        }
        Pixels pixels = await(ahead.remove());
        int label = dataset.label(image);
        if (pixels.complaint() != null) {
          complaints[label] = pixels.complaint();
          line(PackedFormat.SKIPPED, printable(below(root, pixels.complaint())));
          skipped++;
        } else {
          if (shard == null || shard.position() + pixels.bytes().length > shardBytes) {
            endShard();
            String name = String.format(Locale.ROOT, "%s-%05d.npy", part, shardsOfPart++);
            shard =
                FileChannel.open(
                    path.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            shard.position(PackedFormat.HEADER_BYTES);
            line(PackedFormat.SHARD, name);
          }
          line(
              PackedFormat.IMAGE,
              label,
              shard.position(),
              pixels.width(),
              pixels.height(),
              String.format(Locale.ROOT, "%08x", pixels.checksum()),
              printable(below(root, dataset.name(image))));
          write(ByteBuffer.wrap(pixels.bytes()));
          packed[label]++;
        }
        progress.packed(++done, total);
      }
      endShard();
      for (int label = 0; label < packed.length; label++) {
        if (packed[label] == 0 && complaints[label] != null) {
          throw new DatasetException(
              "none of the images of class '"
                  + dataset.classNames().get(label)
                  + "' can be read: "
                  + complaints[label]);
        }
      }
    }

    private void endShard() throws IOException {
      if (shard == null) {
        return;
      }
      long size = shard.position();
      shard.position(0);
      write(
          ByteBuffer.wrap(
              PackedFormat.header(crop, side, channels, size - PackedFormat.HEADER_BYTES)));
      shard.force(true);
      shard.close();
      shard = null;
      shards++;
      bytes += size;
    }

    private void write(ByteBuffer content) throws IOException {
      while (content.hasRemaining()) {
        shard.write(content);
      }
    }

    private void line(String kind, Object... fields) throws IOException {
      StringBuilder line = new StringBuilder(kind);
      for (Object field : fields) {
        line.append('\t').append(field);
      }
      index.write(line.append('\n').toString().getBytes(UTF_8));
    }
  }

  /** Largest number of pixels that an image may have when it is resized. */
  private long mostPixels() {
    long square = (long) side * side;
    return crop == Crop.CENTRE ? square : Math.min(MAX_SQUARES * square, MAX_SIDE * MAX_SIDE);
  }

  /** Images at work or waiting to be written: at least one, at most an eighth of the heap. */
  private int mostAhead(int channels) {
    long room = Runtime.getRuntime().maxMemory() / 8 / (mostPixels() * channels);
    return (int) Math.max(1, Math.min(room, 4L * threads));
  }

  private Pixels pixels(Dataset dataset, ResizedImages squares, int index) {
    try {
      return Pixels.of(
          crop == Crop.CENTRE
              ? new Image(side, side, dataset.channels(), squares.pixels(index))
              : whole(dataset, index));
    } catch (ImageException e) {
      if (e.isReadFailure()) {
        throw new DatasetException(e.getMessage(), e); // to be left out it would have to be damaged
      }
      return new Pixels(0, 0, null, 0, e.getMessage());
    }
  }

  private Image whole(Dataset dataset, int index) {
    Image image = dataset.image(index);
    double scale = (double) side / Math.min(image.width(), image.height());
    long width = Math.round(scale * image.width());
    long height = Math.round(scale * image.height());
    if (width * height > mostPixels()) {
      throw new ImageException(
          dataset.name(index),
          width + "×" + height + " pixels after resizing are too many: it is too narrow");
    }
    return Resize.to(image, (int) width, (int) height);
  }

  private static String below(Path root, String name) {
    String start = root == null ? "" : root.toString() + root.getFileSystem().getSeparator();
    return name.startsWith(start) ? name.substring(start.length()) : name;
  }

  /** A tab or an end of line within a name would be taken for its end. */
  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", " ");
  }

  private static Pixels await(Future<Pixels> pixels) {
    try {
      return pixels.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Interruption.during("packing");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // decoding throws no other
    }
  }
}
