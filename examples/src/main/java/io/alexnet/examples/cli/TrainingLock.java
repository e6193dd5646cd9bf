package io.alexnet.examples.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second training out of a run's folder, of this process or of another, until it is closed.
 * The system gives it up with the process, so one that was killed keeps nobody out.
 *
 * <p>The file itself stays: were it deleted, one training could lock the file that was there, and
 * another the next.
 */
final class TrainingLock implements Closeable {

  /** In the run's folder, locked while it is being trained. */
  static final String FILE = ".training.lock";

  private static final Logger LOG = LoggerFactory.getLogger(TrainingLock.class);

  /** Looked at before the file is opened: to close it again would give up this process's lock. */
  private static final Set<Path> LOCKED_HERE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private TrainingLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Of a folder that is there.
   *
   * @throws Failure if another training has it
   */
  static TrainingLock of(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (!LOCKED_HERE.add(real)) {
      throw atWork(folder);
    }
    try {
      return new TrainingLock(real, lock(folder, real.resolve(FILE)));
    } catch (Throwable t) {
      LOCKED_HERE.remove(real);
      throw t;
    }
  }

  private static FileChannel lock(Path folder, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (isFree(channel)) {
      return channel;
    }
    channel.close();
    throw atWork(folder);
  }

  private static boolean isFree(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      LOG.debug("the file system knows no locks: {}", e.toString());
      return true;
    }
  }

  private static Failure atWork(Path folder) {
    return new Failure(
        folder + ": another training is at work there; wait for it, or choose another folder");
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      LOCKED_HERE.remove(folder);
    }
  }
}
