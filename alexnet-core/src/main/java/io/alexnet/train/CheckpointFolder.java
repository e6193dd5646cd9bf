package io.alexnet.train;

import io.alexnet.format.AtomicFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints that one training keeps in a folder: the newest, {@link Checkpoint#LAST}; those
 * before it, {@code last-1.safetensors} and so on; and {@link Checkpoint#BEST}. Used by one thread.
 */
final class CheckpointFolder {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);

  private static final Pattern NAME = Pattern.compile("last(?:-([1-9]\\d{0,8}))?\\.safetensors");

  /** Where the next checkpoint is written, until it is whole and those before it have made room. */
  private static final String NEXT = "next.safetensors";

  /** What a killed training leaves: checkpoints that did not come to be, or not to their place. */
  private static final Pattern UNFINISHED =
      Pattern.compile("\\.(?:last(?:-\\d+)?|best|next)\\.safetensors\\.tmp|next\\.safetensors");

  private final Path folder;

  /** Of this training; null if it has none here yet, whatever is in the folder. */
  private Path newest;

  /** Up to that which this training's best in the folder is of; empty if it has none there. */
  private List<EpochRecord> best = List.of();

  CheckpointFolder(Path folder) {
    this.folder = folder;
  }

  Path path() {
    return folder;
  }

  /**
   * Makes the folder if it is missing, and deletes what a killed training left unfinished.
   *
   * @throws CheckpointException if it cannot be made or written to
   */
  void prepare() {
    try {
      AtomicFile.createFolder(folder);
    } catch (IOException e) {
      throw new CheckpointException("cannot make the folder " + folder + ": " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new CheckpointException(folder, "cannot be written to");
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (UNFINISHED.matcher(file.getFileName().toString()).matches()
            && Files.isRegularFile(file)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot be cleared of unfinished files: " + e);
    }
  }

  /**
   * The training goes on from this checkpoint, which may be one of another folder: then the best of
   * that comes along, as perhaps no later epoch beats it. Without one, or with one that is damaged,
   * the best is that of the epochs to come.
   */
  void resumed(Path checkpoint) {
    Path from = checkpoint.toAbsolutePath().getParent();
    Path bestThere = from.resolve(Checkpoint.BEST);
    try {
      boolean same = Files.isSameFile(from, folder);
      newest = same ? folder.resolve(checkpoint.getFileName()) : null;
      best = epochsOf(bestThere);
      if (!same && !best.isEmpty()) {
        AtomicFile.write(folder.resolve(Checkpoint.BEST), output -> Files.copy(bestThere, output));
      }
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot take over the best from " + from + ": " + e);
    }
  }

  /** None, after a warning, if the file is damaged; none if there is no file. */
  private static List<EpochRecord> epochsOf(Path file) {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try {
      return Checkpoint.read(file).epochs();
    } catch (CheckpointException e) {
      if (!e.isDamage()) {
        throw e;
      }
      LOG.warn("{}; the best of the epochs to come takes its place", e.getMessage());
      return List.of();
    }
  }

  /** The epoch, from 1, whose weights {@link Checkpoint#BEST} has; 0 if none of this training's. */
  int bestEpoch() {
    return best.size();
  }

  /**
   * Whether the last of these epochs is better than that of which there are weights, if there are.
   * Weights from beyond this epoch are those of a training that was killed, and comes this way
   * again, or of another course of it, from which this one has turned off.
   */
  boolean isBest(List<EpochRecord> epochs, Metric metric) {
    EpochRecord last = epochs.get(epochs.size() - 1);
    if (last.epoch() <= best.size() && !sameFigures(last, best.get(last.epoch() - 1))) {
      LOG.warn("{} is of another course of this training, and is replaced", Checkpoint.BEST);
      best = List.of();
    }
    return best.isEmpty() || metric.best(List.of(best.get(best.size() - 1), last), 0) == 1;
  }

  private static boolean sameFigures(EpochRecord one, EpochRecord other) {
    return one.steps() == other.steps()
        && one.trainLoss() == other.trainLoss()
        && Double.compare(one.validationLoss(), other.validationLoss()) == 0;
  }

  /** Tells of another training's checkpoints, which this one's are going to replace. */
  void warnOfOthers() {
    boolean othersBest = best.isEmpty() && Files.isRegularFile(folder.resolve(Checkpoint.BEST));
    if (newest == null && (!isEmpty(folder) || othersBest)) {
      LOG.warn(
          "{} has the checkpoints of another training, which those of this one will replace;"
              + " Trainer.resume goes on with it",
          folder);
    }
  }

  /** By age, the newest at 0. */
  private static NavigableMap<Integer, Path> checkpoints(Path folder) throws IOException {
    NavigableMap<Integer, Path> checkpoints = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Matcher matcher = NAME.matcher(file.getFileName().toString());
        if (matcher.matches() && Files.isRegularFile(file)) {
          checkpoints.put(matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)), file);
        }
      }
    }
    return checkpoints;
  }

  private Path place(int age) {
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
   * @throws CheckpointException if there is none, for the reason that the newest is not; or if the
   *     newest cannot be opened or is not for this program: it may be sound, and another in its
   *     place would be written over it
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
        if (!e.isDamage()) {
          throw e;
        }
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  /**
   * @param epochs up to the best
   * @param writer writes the checkpoint into the file that it is given
   * @return where it is
   */
  Path writeBest(List<EpochRecord> epochs, Consumer<Path> writer) {
    Path file = folder.resolve(Checkpoint.BEST);
    writer.accept(file);
    best = List.copyOf(epochs);
    return file;
  }

  /**
   * Writes the newest checkpoint. Those of this training before it are kept one place further back,
   * and of all no more than {@code keep}; at no moment is there none. One that is damaged, or of
   * another training, is replaced, and another's best with it.
   *
   * @param writer writes the checkpoint into the file that it is given
   * @return where it is
   */
  Path writeLast(int keep, Consumer<Path> writer) {
    Path next = folder.resolve(NEXT);
    Path last = place(0);
    writer.accept(next);
    try {
      if (keep > 1 && last.equals(newest)) {
        NavigableMap<Integer, Path> before = checkpoints(folder).subMap(1, true, keep - 1, false);
        for (int age : before.descendingKeySet()) {
          AtomicFile.move(place(age), place(age + 1));
        }
        secondName(last, place(1));
      }
      AtomicFile.move(next, last);
    } catch (IOException e) {
      throw new CheckpointException(folder, "cannot be written to: " + e);
    }
    deleteFrom(newest == null ? 1 : keep);
    newest = last;
    return last;
  }

  /** So that a file is always there under its first name; where links are unknown it is a copy. */
  private static void secondName(Path file, Path name) throws IOException {
    Path temporary = name.resolveSibling("." + name.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    try {
      Files.createLink(temporary, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(file, temporary);
    }
    AtomicFile.move(temporary, name);
  }

  private void deleteFrom(int age) {
    try {
      for (Path surplus : checkpoints(folder).tailMap(age).values()) {
        Files.delete(surplus);
      }
      if (best.isEmpty()) {
        Files.deleteIfExists(folder.resolve(Checkpoint.BEST));
      }
    } catch (IOException e) {
      LOG.warn("a checkpoint that is no longer needed stays: {}", e.toString());
    }
  }
}
