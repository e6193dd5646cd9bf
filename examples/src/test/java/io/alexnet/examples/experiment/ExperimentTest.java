package io.alexnet.examples.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.examples.cli.Main;
import io.alexnet.format.SafeTensors;
import io.alexnet.train.EpochRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
            "--schedule",
            "constant",
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
    assertFalse(Files.exists(weights.resolveSibling("checkpoints")), "there is no use for them");
    var before = Files.getLastModifiedTime(weights);
    assertEquals(0, experiment().run("shapes", out.toString(), "2"));
    assertEquals(before, Files.getLastModifiedTime(weights), "is not trained again");
    Path left = Files.createDirectory(weights.resolveSibling("checkpoints"));
    Files.createFile(left.resolve("last.safetensors")); // as if killed before it was deleted
    assertEquals(0, experiment().run("shapes", out.toString(), "2"));
    assertFalse(Files.exists(left));
  }

  /** A training that has stopped after the first of its two epochs. */
  private static Path halfDone(Path folder) throws Exception {
    String oneEpoch =
        "train --model small --image-size 16 --images 80 --schedule constant --epochs 1";
    List<String> command = new ArrayList<>(List.of(oneEpoch.split(" ")));
    command.addAll(List.of("--out", folder.toString()));
    assertEquals(0, Main.run(command.toArray(String[]::new)));
    Files.delete(folder.resolve("evaluation.json"));
    return folder;
  }

  @Test
  void goesOnWhereItWas() throws Exception {
    Path model = Path.of("without", "seed-1", "model.safetensors");
    Path straight = out.resolve("straight");
    assertEquals(0, experiment().run("shapes", straight.toString(), "1"));
    Path stopped = out.resolve("stopped");
    halfDone(stopped.resolve(model).getParent());

    assertEquals(0, experiment().run("shapes", stopped.toString(), "1"));
    assertArrayEquals(
        Files.readAllBytes(straight.resolve(model)), Files.readAllBytes(stopped.resolve(model)));
  }

  @Test
  void fineTunesWithTheWeightsOfTheSameSeed() throws Exception {
    Experiment experiment =
        FineTune.experiment(
            "0-3",
            "4-7",
            "fc6",
            "--model",
            "small",
            "--image-size",
            "16",
            "--images",
            "160",
            "--epochs",
            "2");
    assertEquals(0, experiment.run("shapes", out.toString(), "2"));
    List<String> table = Files.readAllLines(out.resolve("results.md"));
    assertEquals(7, table.size(), "five variants: " + table);
    assertTrue(table.get(4).startsWith("| fine-tuned | 2 |"), table.get(4));
    for (int seed = 1; seed <= 2; seed++) {
      Path before = out.resolve("pre-training/seed-" + seed + "/model.safetensors");
      Path after = out.resolve("conv-frozen/seed-" + seed + "/model.safetensors");
      try (SafeTensors first = SafeTensors.open(before);
          SafeTensors then = SafeTensors.open(after)) {
        for (String name : List.of("conv1.weight", "conv4.bias")) {
          assertArrayEquals(first.read(name).toArray(), then.read(name).toArray(), name);
        }
        assertFalse(
            Arrays.equals(first.read("fc6.weight").toArray(), then.read("fc6.weight").toArray()));
      }
    }
    assertEquals(0, experiment.run("shapes", out.toString(), "2"), "again, with nothing to do");
  }

  @Test
  void otherDataOrAnotherRecipeIsRefused() throws Exception {
    assertEquals(0, experiment().run("shapes", out.toString(), "1"));
    assertEquals(1, experiment().run("folder:photos", out.toString(), "1"));
    Experiment changed =
        new Experiment(ExperimentTest.class).variant("without", "--model", "small");
    assertEquals(1, changed.run("shapes", out.toString(), "1"));
  }

  @Test
  void aTrainingThatFailsDoesNotKeepTheOthersFromTheirTurn() throws Exception {
    Experiment experiment = experiment().variant("broken", "--batch-size", "1000");
    assertEquals(1, experiment.run("shapes", out.toString(), "1"));
    assertEquals(4, Files.readAllLines(out.resolve("results.md")).size(), "two that did not");
  }

  @Test
  void nothingBeginsWithAHalfDoneTraining() throws Exception {
    Path start = halfDone(out.resolve("without/seed-1"));
    Files.writeString(start.resolve("checkpoints/last.safetensors"), "damaged");
    Experiment experiment = experiment().variantFrom("without", "fine-tuned", "--augment", "crop");
    assertEquals(1, experiment.run("shapes", out.toString(), "1"));
    assertTrue(Files.exists(start.resolve("checkpoints/best.safetensors")));
    assertFalse(Files.exists(out.resolve("fine-tuned")));
  }

  @Test
  void wrongArgumentsEndIt() throws Exception {
    assertEquals(2, experiment().variant("wrong", "--epochs", "0").run("shapes", out.toString()));
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

  @Test
  void whatItCannotWriteIsNoStackTrace() throws Exception {
    Path file = Files.createFile(out.resolve("file"));
    assertEquals(1, experiment().run("shapes", file.toString(), "1"));
    Path cut = Files.createDirectory(out.resolve("cut"));
    Files.writeString(cut.resolve("commands.txt"), "With cro");
    Files.createFile(cut.resolve("with-crops")); // so that no training can begin
    assertEquals(1, experiment().run("shapes", cut.toString(), "1"));
  }
}
