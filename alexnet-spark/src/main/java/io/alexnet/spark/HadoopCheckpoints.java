package io.alexnet.spark;

import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.TrainingListener;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of checkpoints on a Hadoop file system: what a trainer writes to a local folder is
 * copied there under another name and then put in place, so that there is always a whole one.
 */
final class HadoopCheckpoints implements TrainingListener {

  private static final Logger LOG = LoggerFactory.getLogger(HadoopCheckpoints.class);

  /** The one before the last, to fall back on. */
  private static final String BEFORE = "last-1.safetensors";

  private static final Pattern UNFINISHED = Pattern.compile("\\.[a-z]+\\.safetensors\\.\\d+\\.tmp");

  private final FileContext files;
  private final Path folder;
  private final Meeting meeting; // null in the driver, which only looks
  private final int attempt;
  private boolean lastIsDamaged;

  /**
   * @param meeting null for the driver
   * @param attempt to run the stage
   * @throws IOException if there is no such file system
   */
  HadoopCheckpoints(String folder, Configuration configuration, Meeting meeting, int attempt)
      throws IOException {
    Path path = new Path(folder);
    files = FileContext.getFileContext(path.toUri(), configuration);
    this.folder = files.makeQualified(path);
    this.meeting = meeting;
    this.attempt = attempt;
  }

  Path folder() {
    return folder;
  }

  boolean isEmpty() throws IOException {
    return !exists(Checkpoint.LAST) && !exists(BEFORE);
  }

  private boolean exists(String name) throws IOException {
    return files.util().exists(new Path(folder, name));
  }

  /**
   * Brings the newest whole checkpoint here.
   *
   * @param localFolder which is there
   * @return null if there is none yet
   * @throws IOException if all there are are damaged, or the newest cannot be read at this moment:
   *     it may be sound, and another in its place would be written over it
   */
  java.nio.file.Path fetch(java.nio.file.Path localFolder) throws IOException {
    Exception damage = null;
    String why = null;
    for (String name : new String[] {Checkpoint.LAST, BEFORE}) {
      if (exists(name)) {
        java.nio.file.Path local = localFolder.resolve(name);
        Path place = new Path(folder, name);
        try (var input = files.open(place)) {
          Files.copy(input, local);
          Checkpoint.read(local);
          return local;
        } catch (ChecksumException | EOFException | CheckpointException e) {
          if (e instanceof CheckpointException unusable && !unusable.isDamage()) {
            throw e;
          }
          LOG.warn("{} cannot be read, looking for the one before it", place, e);
          lastIsDamaged |= name.equals(Checkpoint.LAST);
          damage = e;
          why = String.valueOf(e.getMessage()).replace(local.toString(), place.toString());
        }
      }
    }
    if (damage != null) {
      throw new IOException("no checkpoint in " + folder + " can be read: " + why, damage);
    }
    return null;
  }

  /** Brings the best here, too, if there is one; the trainer finds out whether it is whole. */
  void fetchBest(java.nio.file.Path localFolder) throws IOException {
    Path place = new Path(folder, Checkpoint.BEST);
    if (exists(Checkpoint.BEST)) {
      try (var input = files.open(place)) {
        Files.copy(input, localFolder.resolve(Checkpoint.BEST));
      } catch (ChecksumException | EOFException e) {
        LOG.warn("{} cannot be read, the best of the epochs to come takes its place", place, e);
        Files.deleteIfExists(localFolder.resolve(Checkpoint.BEST));
      }
    }
  }

  @Override
  public void onCheckpoint(java.nio.file.Path local) {
    meeting.requireWanted(); // before hundreds of megabytes are copied
    String name = local.getFileName().toString();
    Path place = new Path(folder, name);
    Path next = new Path(folder, "." + name + "." + attempt + ".tmp");
    try {
      try (var output =
          files.create(
              next,
              EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
              CreateOpts.createParent())) {
        Files.copy(local, output);
        output.hsync();
      }
      requireCurrent(next);
      if (name.equals(Checkpoint.LAST)) {
        if (exists(name) && !lastIsDamaged) {
          files.rename(place, new Path(folder, BEFORE), Rename.OVERWRITE);
        }
        lastIsDamaged = false;
      }
      files.rename(next, place, Rename.OVERWRITE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the checkpoint " + place, e);
    }
  }

  /** Of a stage that Spark has started anew nothing is put in place. */
  private void requireCurrent(Path next) throws IOException {
    try {
      meeting.requireCurrent();
    } catch (RuntimeException e) {
      files.delete(next, false);
      throw e;
    }
  }

  /** Deletes what earlier attempts have left unfinished. */
  void clear() throws IOException {
    if (!files.util().exists(folder)) {
      return;
    }
    RemoteIterator<FileStatus> all = files.listStatus(folder);
    while (all.hasNext()) {
      Path file = all.next().getPath();
      if (UNFINISHED.matcher(file.getName()).matches()) {
        files.delete(file, false);
      }
    }
  }
}
