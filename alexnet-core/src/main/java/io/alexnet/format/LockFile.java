package io.alexnet.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps others out of what lies beside it, of this process or of another, until it is closed. The
 * system gives it up with the process, so one that was killed keeps nobody out. On a file system
 * that knows no locks it keeps out this process's own threads only. Safe for use by any number of
 * threads.
 *
 * <p>The file itself stays: were it deleted, one process could lock the file that was there, and
 * another the next.
 */
public final class LockFile implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(LockFile.class);

  /**
   * Looked at before a file is opened: to close it again would give up this process's lock. Guarded
   * by its monitor.
   */
  private static final Set<Path> LOCKED_HERE = new HashSet<>();

  private final Path file;
  private final FileChannel channel;
  private boolean closed;

  private LockFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** The lock file of a file or folder: hidden, as whoever lists the folder has no use for it. */
  public static Path beside(Path path) {
    return path.resolveSibling("." + path.getFileName() + ".lock");
  }

  /**
   * Waits for whoever has it.
   *
   * @param file in a folder that is there; made if it is not
   * @throws FileLockInterruptionException if this thread is interrupted, which it is afterwards,
   *     too
   */
  public static LockFile await(Path file) throws IOException {
    Path real = real(file);
    synchronized (LOCKED_HERE) {
      if (LOCKED_HERE.contains(real)) {
        LOG.info("waiting for another thread, which has locked {}", file);
      }
      try {
        while (!LOCKED_HERE.add(real)) {
          LOCKED_HERE.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FileLockInterruptionException();
      }
    }
    return lock(real, true);
  }

  /**
   * Does not wait.
   *
   * @param file in a folder that is there; made if it is not
   * @return null if another has it
   */
  public static LockFile ifFree(Path file) throws IOException {
    Path real = real(file);
    synchronized (LOCKED_HERE) {
      if (!LOCKED_HERE.add(real)) {
        return null;
      }
    }
    return lock(real, false);
  }

  private static Path real(Path file) throws IOException {
    return file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
  }

  private static LockFile lock(Path file, boolean wait) throws IOException {
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = isLocked(channel, file, wait);
      return locked ? new LockFile(file, channel) : null;
    } finally {
      if (!locked) {
        giveUp(file, channel);
      }
    }
  }

  private static boolean isLocked(FileChannel channel, Path file, boolean wait) throws IOException {
    try {
      if (channel.tryLock() == null) {
        if (!wait) {
          return false;
        }
        LOG.info("waiting for another process, which has locked {}", file);
        channel.lock();
      }
    } catch (FileLockInterruptionException e) {
      throw e;
    } catch (
        OverlappingFileLockException e) { // of this JVM, but under another name or class loader
      if (wait) {
        throw new IOException(file + " is locked by this program itself", e);
      }
      return false;
    } catch (IOException e) {
      LOG.debug("the file system knows no locks: {}", e.toString());
    }
    return true;
  }

  private static void giveUp(Path file, FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      synchronized (LOCKED_HERE) {
        LOCKED_HERE.remove(file);
        LOCKED_HERE.notifyAll();
      }
    }
  }

  /** Gives the lock up; another time it does nothing, whoever has it then. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      giveUp(file, channel);
    }
  }
}
