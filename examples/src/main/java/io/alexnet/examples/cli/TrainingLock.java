package io.alexnet.examples.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second training out of a run's folder, of this process or of another, until it is closed.
 * The system gives it up with the process, so one that was killed keeps nobody out.
 */
final class TrainingLock implements Closeable {

  /** In the run's folder while it is being trained; of no meaning in itself. */
  static final String FILE = ".training.lock";

  private static final Logger LOG = LoggerFactory.getLogger(TrainingLock.class);

  private final Path file;
  private final FileChannel channel;

  private TrainingLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Of a folder that is there.
   *
   * @throws Failure if another training has it
   */
  static TrainingLock of(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean alone = false;
    try {
      alone = isFree(channel);
      if (!alone) {
        throw new Failure(
            folder + ": another training is at work there; wait for it, or choose another folder");
      }
      return new TrainingLock(file, channel);
    } finally {
      if (!alone) {
        channel.close();
      }
    }
  }

  private static boolean isFree(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process has it
    } catch (IOException e) {
      LOG.debug("the file system knows no locks: {}", e.toString());
      return true;
    }
  }

  /** Deletes the file first: once it is unlocked it may be another's. */
  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(file);
    }
  }
}
