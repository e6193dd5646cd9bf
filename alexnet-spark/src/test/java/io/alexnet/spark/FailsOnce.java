package io.alexnet.spark;

import io.alexnet.train.Progress;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fails at a step, unless a file says that this has been done. */
final class FailsOnce implements TrainingListener {

  private final String marker;
  private final long step;

  FailsOnce(String marker, long step) {
    this.marker = marker;
    this.step = step;
  }

  @Override
  public void onStep(Progress progress) {
    if (progress.step() == step) {
      try {
        Files.createFile(Path.of(marker));
      } catch (FileAlreadyExistsException e) {
        return;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      throw new IllegalStateException("as the test wants it");
    }
  }
}
