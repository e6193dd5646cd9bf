package io.alexnet.format;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that appear whole or not at all, whenever the program, or the machine, stops. Safe for use
 * by any number of threads, as long as each writes another file.
 */
public final class AtomicFile {

  /** What is to be in a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes it all; the stream is not buffered, and is closed by the caller. */
    void writeTo(OutputStream output) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file, or puts another in its place: the content goes beside it under a temporary name,
   * is forced to the disk and moved there. If that fails, the file is as it was, and what was
   * written of the other is deleted. Folders that are missing are made.
   */
  public static void write(Path file, Content content) throws IOException {
    createFolder(file.toAbsolutePath().getParent());
    Path temporary = temporary(file);
    try {
      try (FileOutputStream output = new FileOutputStream(temporary.toFile())) {
        content.writeTo(output);
        output.getFD().sync();
      }
      move(temporary, file);
    } catch (Throwable t) { // an OutOfMemoryError, too, must leave nothing
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        t.addSuppressed(e);
      }
      throw t;
    }
  }

  /**
   * Makes a folder, and those above it, if it is missing. A link to one will do, which {@link
   * Files#createDirectories} by itself refuses before JDK 17.0.14.
   */
  public static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
  }

  /** Moves a file within its folder, in the place of another if there is one. */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(to.toAbsolutePath().getParent());
  }

  /** Whether a file is what a killed {@link #write} leaves: it is of no use, and may be deleted. */
  public static boolean isLeftover(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".") && name.endsWith(".tmp");
  }

  private static Path temporary(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tmp");
  }

  /** Makes the move itself survive a power failure, where the platform can open a directory. */
  private static void syncDirectory(Path directory) {
    boolean interrupted = Thread.interrupted(); // a thread that is can force no channel
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows cannot open a directory, and its file system journals the move by itself.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
