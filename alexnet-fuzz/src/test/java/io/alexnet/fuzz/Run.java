package io.alexnet.fuzz;

import io.alexnet.examples.cli.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text files of a short training's folder, which is trained once. */
final class Run {

  private static final List<String> TEXTS =
      List.of("config.json", "metrics.csv", "norms.csv", "evaluation.json", "command.txt");

  private static final Map<String, byte[]> files = new LinkedHashMap<>();

  private Run() {}

  static synchronized void copyTo(Path folder) throws IOException {
    if (files.isEmpty()) {
      Path run = Files.createTempDirectory("run");
      try {
        RunFiles.write(run);
        for (String name : TEXTS) {
          files.put(name, Files.readAllBytes(run.resolve(name)));
        }
      } finally {
        Temporary.delete(run);
      }
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }
}
