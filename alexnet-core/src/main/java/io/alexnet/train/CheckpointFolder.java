package io.alexnet.train;

import io.alexnet.format.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints that one training keeps in a folder: the newest, {@link Checkpoint#LAST}; those
 * before it, {@code last-1.safetensors} and so on; and {@link Checkpoint#BEST}.
 */
final class CheckpointFolder {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);

  private static final Pattern NAME = Pattern.compile("last(?:-([1-9]\\d{0,8}))?\\.safetensors");

  /** Where the next checkpoint is written, until it is whole and those before it have made room. */
  private static final String NEXT = "next.safetensors";

  private CheckpointFolder() {}

  /**
   * Makes the folder if it is missing, and deletes what a killed training left unfinished.
   *
   * @throws CheckpointException if it cannot be made or written to
   */
  static void prepare(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CheckpointException("cannot make the folder " + folder + ": " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new CheckpointException(folder, "cannot be written to");
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (AtomicFile.isLeftover(file) || file.endsWith(NEXT)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot be cleared of unfinished files: " + e);
    }
  }

  /** By age, the newest at 0. A training that was killed while it made room leaves a gap. */
  private static SortedMap<Integer, Path> checkpoints(Path folder) throws IOException {
    SortedMap<Integer, Path> checkpoints = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Matcher matcher = NAME.matcher(file.getFileName().toString());
        if (matcher.matches()) {
          checkpoints.put(matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)), file);
        }
      }
    }
    return checkpoints;
  }

  private static Path place(Path folder, int age) {
    return folder.resolve(age == 0 ? Checkpoint.LAST : "last-" + age + ".safetensors");
  }

  static boolean isEmpty(Path folder) {
    try {
      return !Files.isDirectory(folder) || checkpoints(folder).isEmpty();
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot be read: " + e.getMessage());
    }
  }

  /**
   * The newest checkpoint that is whole. Of each damaged one before it there is a warning.
   *
   * @throws CheckpointException if there is none, for the reason that the newest is not
   */
  static Checkpoint newest(Path folder) {
    List<Path> files;
    try {
      files = List.copyOf(checkpoints(folder).values());
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot be read: " + e.getMessage());
    }
    if (files.isEmpty()) {
      throw new CheckpointException(folder, "there is no checkpoint in this folder");
    }
    CheckpointException first = null;
    for (Path file : files) {
      try {
        Checkpoint checkpoint = Checkpoint.read(file);
        if (first != null) {
          LOG.warn("{}; going on from the one before it, {}", first.getMessage(), file);
        }
        return checkpoint;
      } catch (CheckpointException e) {
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  /** Writes one checkpoint into the file that it is given. */
  interface Writer {
    void write(Path file);
  }

  /**
   * Writes the newest checkpoint. Those before it are moved one place back once it is whole, and of
   * all no more are kept than {@code keep}: at no moment is there none.
   */
  static void add(Path folder, int keep, Writer writer) {
    Path next = folder.resolve(NEXT);
    writer.write(next);
    try {
      for (int age = keep - 1; age > 0; age--) {
        Path younger = place(folder, age - 1);
        if (Files.exists(younger)) {
          AtomicFile.move(younger, place(folder, age));
        }
      }
      AtomicFile.move(next, place(folder, 0));
      for (Path surplus : checkpoints(folder).tailMap(keep).values()) {
        Files.delete(surplus);
      }
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot be written to: " + e);
    }
  }
}
