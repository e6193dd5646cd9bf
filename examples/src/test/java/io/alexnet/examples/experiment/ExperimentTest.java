package io.alexnet.examples.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.train.EpochRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {

  @TempDir Path out;

  private static Experiment experiment() {
    return new Experiment(
            ExperimentTest.class,
            "--model",
            "small",
            "--image-size",
            "16",
            "--images",
            "80",
            "--epochs",
            "2")
        .variant("With crops", "--augment", "crop")
        .variant("without")
        .column("epochs", "%.0f", training -> training.epochs().size())
        .column("seed", "%.2f", Experiment.Training::seed)
        .column("ten crops", "%.3f", Experiment.Training::tenCropTop1)
        .curve("Validation", EpochRecord::validationTop1);
  }

  @Test
  void trainsEveryVariantWithEverySeedOnce() throws Exception {
    assertEquals(0, experiment().run("shapes", out.toString(), "2"));
    List<String> table = Files.readAllLines(out.resolve("results.md"));
    assertEquals("| | seeds | epochs | seed | ten crops |", table.get(0));
    assertTrue(
        table.get(2).matches("\\| With crops \\| 2 \\| 2 ± 0 \\| 1.50 ± 0.71 \\| 0.*"),
        table.get(2));
    assertEquals("| without | 2 | 2 ± 0 | 1.50 ± 0.71 | – |", table.get(3));
    assertTrue(ImageIO.read(out.resolve("curves.png").toFile()).getWidth() > 100);

    Path weights = out.resolve("with-crops/seed-2/model.safetensors");
    var before = Files.getLastModifiedTime(weights);
    assertEquals(0, experiment().run("shapes", out.toString(), "2"));
    assertEquals(before, Files.getLastModifiedTime(weights), "is not trained again");
  }

  /** As after Ctrl-C: the first variant is done, the second has stopped half-way. */
  @Test
  void goesOnWhereItWas() throws Exception {
    assertEquals(0, experiment().run("shapes", out.toString(), "1"));
    Path evaluation = out.resolve("without/seed-1/evaluation.json");
    String figures = Files.readString(evaluation);
    Files.delete(evaluation);
    assertEquals(0, experiment().run("shapes", out.toString(), "1"));
    assertEquals(figures, Files.readString(evaluation));
  }

  @Test
  void aTrainingThatFailsEndsTheExperiment() throws Exception {
    int exitCode =
        new Experiment(ExperimentTest.class)
            .variant("broken", "--epochs", "0")
            .curve("Validation", EpochRecord::validationTop1)
            .run("shapes", out.toString());
    assertEquals(2, exitCode);
    assertEquals(2, experiment().run("shapes"), "without a folder");
    assertEquals(2, experiment().run("shapes", out.toString(), "none"), "as the seeds");
  }

  @Test
  void epochsToAnErrorLieOnTheLineBetweenTheMiddlesOfTwoEpochs() {
    List<EpochRecord> epochs =
        IntStream.of(60, 70, 80)
            .mapToObj(
                top1 -> new EpochRecord((top1 - 50) / 10, 1, 1, top1 / 100.0, 0, 0, 0, 1, 1, 1))
            .toList();
    assertEquals(2.0, ReluAgainstTanh.epochsTo(0.25, epochs), 1e-9);
    assertEquals(1.5, ReluAgainstTanh.epochsTo(0.30, epochs), 1e-9);
    assertEquals(Double.NaN, ReluAgainstTanh.epochsTo(0.1, epochs));
  }
}
