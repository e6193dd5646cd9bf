package io.alexnet.spark;

import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
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

  private final FileContext files;
  private final Path folder;

  /**
   * @throws IOException if there is no such file system
   */
  HadoopCheckpoints(String folder, Configuration configuration) throws IOException {
    Path path = new Path(folder);
    files = FileContext.getFileContext(path.toUri(), configuration);
    this.folder = files.makeQualified(path);
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
   * @throws CheckpointException if there are, but none is whole
   */
  java.nio.file.Path fetch(java.nio.file.Path localFolder) throws IOException {
    CheckpointException damaged = null;
    for (String name : new String[] {Checkpoint.LAST, BEFORE}) {
      if (exists(name)) {
        java.nio.file.Path local = localFolder.resolve("resumed.safetensors");
        try (var input = files.open(new Path(folder, name))) {
          Files.copy(input, local, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        try {
          Checkpoint.read(local);
          return local;
        } catch (CheckpointException e) {
          LOG.warn("{} is not whole, looking for the one before it", new Path(folder, name), e);
          damaged = e;
        }
      }
    }
    if (damaged != null) {
      throw damaged;
    }
    return null;
  }

  @Override
  public void onCheckpoint(java.nio.file.Path local) {
    String name = local.getFileName().toString();
    Path place = new Path(folder, name);
    Path next = new Path(folder, "." + name + ".tmp");
    try {
      try (var output =
          files.create(
              next,
              EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
              CreateOpts.createParent())) {
        Files.copy(local, output);
        output.hsync();
      }
      if (name.equals(Checkpoint.LAST) && exists(name)) {
        files.rename(place, new Path(folder, BEFORE), Rename.OVERWRITE);
      }
      files.rename(next, place, Rename.OVERWRITE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the checkpoint " + place, e);
    }
  }
}
