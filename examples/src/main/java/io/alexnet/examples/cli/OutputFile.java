package io.alexnet.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file that the user wants written: what can be found out about it before the work begins.
 *
 * @param option what errors begin with in front of the path, as in {@code --out}; empty for an
 *     argument
 */
record OutputFile(String option, Path path) {

  /**
   * @throws Failure if it exists, or could not be written
   */
  void requireNew() {
    if (Files.exists(path)) {
      throw failure("it exists: choose another name, or delete it first", null);
    }
    requireFolder();
  }

  /**
   * @param sources what it is made of, which it must not take the place of
   * @throws Failure if it could not be written, or is a source
   */
  void requireReplaceable(List<Path> sources) throws IOException {
    if (Files.isDirectory(path)) {
      throw failure("it is a folder", null);
    }
    requireFolder();
    for (Path source : sources) {
      if (Files.exists(path) && Files.exists(source) && Files.isSameFile(path, source)) {
        throw failure("it would replace what it is made of", null);
      }
    }
  }

  private void requireFolder() {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw failure(folder + " is not a folder", null);
    }
    if (!Files.isWritable(folder)) {
      throw failure("permission denied", null);
    }
  }

  Failure failure(String reason, Throwable cause) {
    return new Failure((option + " " + path).strip() + ": " + reason, cause);
  }
}
