package io.alexnet.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real data beside the project, in {@code shared/data}; tests that want it are skipped without. */
public final class SharedData {

  private SharedData() {}

  public static Path folder(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("shared/data").resolve(name);
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    Assumptions.abort("no shared/data/" + name + " beside the project");
    return null;
  }
}
