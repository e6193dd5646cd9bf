package io.alexnet.examples.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that the user wants written and that must not exist yet.
 *
 * @param option what errors begin with in front of the path, as in {@code --confusion}; empty for
 *     an argument
 */
record NewFile(String option, Path path) {

  /**
   * @throws Failure if it exists, or could not be written; to be called before the work begins
   */
  void requirePlace() {
    Path folder = path.toAbsolutePath().getParent();
    if (Files.exists(path)) {
      throw failure("it exists: choose another name, or delete it first", null);
    }
    if (!Files.isDirectory(folder)) {
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
