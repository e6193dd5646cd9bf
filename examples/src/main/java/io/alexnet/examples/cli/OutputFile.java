package io.alexnet.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The file of an {@code --out}: what can be found out about it before the work begins. */
final class OutputFile {

  private OutputFile() {}

  /**
   * @param sources what the output is made of
   * @throws Failure if the file is none in a folder that can be written to, or is a source
   */
  static void require(Path out, List<Path> sources) throws IOException {
    Path folder = out.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(out)) {
      throw new Failure("--out " + out + ": not a file in a folder that exists");
    }
    if (!Files.isWritable(folder)) {
      throw new Failure("--out " + out + ": cannot write there: permission denied");
    }
    for (Path source : sources) {
      if (Files.exists(out) && Files.exists(source) && Files.isSameFile(out, source)) {
        throw new Failure("--out " + out + " would replace the image that it is made of");
      }
    }
  }
}
