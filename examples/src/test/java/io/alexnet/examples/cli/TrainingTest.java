package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.PrincipalColors;
import io.alexnet.data.source.Shapes;
import io.alexnet.examples.page.Json;
import io.alexnet.format.LockFile;
import io.alexnet.format.SafeTensors;
import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.layer.ConvolutionChoice;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From training to prediction, on images small enough for a test. */
class TrainingTest {

  @TempDir Path temporary;

  @Test
  void takesTheFolderOfARunThatWasKilledBeforeItBegan() throws IOException {
    Path run = temporary.resolve("run");
    Files.createDirectories(run.resolve("checkpoints"));
    Files.writeString(run.resolve("mean-image.safetensors"), "");
    Files.writeString(run.resolve(".config.json.tmp"), "{");
    train(run, "--epochs", 1).succeeds();
  }

  @Test
  void trainsEvaluatesAndPredicts() throws IOException {
    Path run = temporary.resolve("run");
    String told = train(run, "--epochs", 2).succeeds().out();
    assertTrue(told.contains("epoch 2/2: loss "), told);
    assertTrue(told.contains("evaluate " + run), "says what to type next: " + told);

    List<String> metrics = Files.readAllLines(run.resolve("metrics.csv"));
    assertEquals(3, metrics.size(), "a header and two epochs");
    assertTrue(metrics.get(0).startsWith("epoch,step,train_loss"), metrics.get(0));

    String evaluation = Invocation.of("evaluate", run).succeeds().out();
    assertTrue(evaluation.contains("of 16"), "a fifth of 80 images: " + evaluation);
    assertTrue(evaluation.contains("crescent"), evaluation);

    Path image = Images.png(temporary.resolve("image.png"), shape(0));
    String table = Invocation.of("predict", run, image, "--top", 2).succeeds().out();
    assertEquals(2, table.lines().count(), table);
    assertTrue(table.startsWith(image.toString()), table);

    String json = Invocation.of("predict", run, image, "--top", 8, "--json").succeeds().out();
    Map<?, ?> prediction = (Map<?, ?>) ((List<?>) Json.read(new StringReader(json))).get(0);
    assertEquals(image.toString(), prediction.get("image"));
    double sum =
        ((List<?>) prediction.get("guesses"))
            .stream().mapToDouble(g -> (double) ((Map<?, ?>) g).get("probability")).sum();
    assertEquals(1, sum, 1e-6, "probabilities of all eight classes");
  }

  /** The best of the epochs by metrics.csv, the first of equal ones, and the last beside it. */
  @Test
  void keepsHowTheBestWeightsDo() throws IOException {
    Path run = temporary.resolve("run");
    String told = train(run, "--epochs", 3, "--learning-rate", 0.05).succeeds().out();
    Map<?, ?> kept = json(Files.readString(run.resolve("evaluation.json")));
    List<String[]> epochs =
        Files.readAllLines(run.resolve("metrics.csv")).stream()
            .skip(1)
            .map(l -> l.split(","))
            .toList();
    String[] best = epochs.get(0);
    for (String[] epoch : epochs) {
      best = Double.parseDouble(epoch[5]) > Double.parseDouble(best[5]) ? epoch : best;
    }
    assertEquals("shapes", kept.get("data"));
    assertFigures(best, (Map<?, ?>) kept.get("best"));
    assertFigures(epochs.get(2), (Map<?, ?>) kept.get("last"));
    String top1 =
        String.format(Locale.ROOT, "centre crop top-1 %.1f %%", 100 * Double.parseDouble(best[5]));
    assertTrue(told.contains(top1), told);
    assertTrue(ImageIO.read(run.resolve("confusion.png").toFile()).getWidth() > 8 * 44);
  }

  private static void assertFigures(String[] epoch, Map<?, ?> kept) {
    assertEquals(Integer.valueOf(epoch[0]), kept.get("epoch"));
    List<?> evaluations = (List<?>) kept.get("evaluations");
    assertEquals(1, evaluations.size(), "images that are not cropped");
    Map<?, ?> evaluation = (Map<?, ?>) evaluations.get(0);
    assertEquals(1, evaluation.get("crops"));
    assertEquals(Double.valueOf(epoch[4]), evaluation.get("loss"), "the same bits again");
    assertEquals(Double.valueOf(epoch[5]), evaluation.get("top1"));
    assertEquals(Double.valueOf(epoch[6]), evaluation.get("top5"));
  }

  @Test
  void averagesOverTenCrops() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1, "--augment", "crop").succeeds();
    Map<?, ?> best = (Map<?, ?>) json(Files.readString(run.resolve("evaluation.json"))).get("best");
    List<?> kept = (List<?>) best.get("evaluations");
    Map<?, ?> centre = json(Invocation.of("evaluate", run, "--json").succeeds().out());
    Path picture = temporary.resolve("confusion.png");
    Map<?, ?> ten =
        json(
            Invocation.of("evaluate", run, "--crops", 10, "--json", "--confusion", picture)
                .succeeds()
                .out());
    assertTrue(ImageIO.read(picture.toFile()).getWidth() > 8 * 44);
    assertEquals(run.toString(), ten.get("run"));
    assertEquals("shapes", ten.get("data"));
    assertNotEquals(centre.get("loss"), ten.get("loss"));
    for (int i = 0; i < 2; i++) {
      Map<?, ?> evaluation = List.of(centre, ten).get(i);
      assertEquals(i == 0 ? 1 : 10, evaluation.get("crops"));
      assertEquals(16, evaluation.get("images"));
      Map<?, ?> atTheEnd = (Map<?, ?>) kept.get(i);
      assertEquals(evaluation.get("crops"), atTheEnd.get("crops"));
      // Constant weights may be convolved by another algorithm, which rounds otherwise.
      assertEquals((double) atTheEnd.get("loss"), (double) evaluation.get("loss"), 1e-4);
      assertEquals(atTheEnd.get("confusion"), evaluation.get("confusion"));
      requireFiguresOfTheMatrix(evaluation);
    }
    String text = Invocation.of("evaluate", run, "--crops", 10).succeeds().out();
    String loss = String.format(Locale.ROOT, "ten crops: loss %.4f,", (double) ten.get("loss"));
    assertTrue(text.startsWith(loss), text);

    Path image = Images.png(temporary.resolve("image.png"), shape(0));
    List<Double> one = probabilities(run, image, 1);
    List<Double> averaged = probabilities(run, image, 10);
    assertEquals(1, averaged.stream().mapToDouble(p -> p).sum(), 1e-6);
    assertNotEquals(one, averaged);
  }

  private static void requireFiguresOfTheMatrix(Map<?, ?> evaluation) {
    List<?> confusion = (List<?>) evaluation.get("confusion");
    List<?> classes = (List<?>) evaluation.get("classes");
    assertEquals(8, classes.size());
    int right = 0;
    double recalls = 0;
    for (int c = 0; c < 8; c++) {
      Map<?, ?> figures = (Map<?, ?>) classes.get(c);
      int own = (int) ((List<?>) confusion.get(c)).get(c);
      int taken = 0;
      int images = 0;
      for (int other = 0; other < 8; other++) {
        taken += (int) ((List<?>) confusion.get(other)).get(c);
        images += (int) ((List<?>) confusion.get(c)).get(other);
      }
      assertEquals(images, figures.get("images"));
      assertEquals(taken == 0 ? null : (Double) ((double) own / taken), figures.get("precision"));
      assertEquals((double) own / images, figures.get("recall"));
      assertEquals(2.0 * own / (taken + images), figures.get("f1"));
      right += own;
      recalls += (double) own / images;
    }
    assertEquals(right / 16.0, evaluation.get("top1"));
    assertEquals(recalls / 8, (double) evaluation.get("macroRecall"), 1e-12);
  }

  /** Of all eight classes, the largest first. */
  private static List<Double> probabilities(Path run, Path image, int crops) throws IOException {
    String out =
        Invocation.of("predict", run, image, "--top", 8, "--json", "--crops", crops)
            .succeeds()
            .out();
    Map<?, ?> prediction = (Map<?, ?>) ((List<?>) Json.read(new StringReader(out))).get(0);
    return ((List<?>) prediction.get("guesses"))
        .stream().map(g -> (Double) ((Map<?, ?>) g).get("probability")).toList();
  }

  private static Map<?, ?> json(String text) throws IOException {
    return (Map<?, ?>) Json.read(new StringReader(text));
  }

  @Test
  void evaluatesOnOtherImages() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1).succeeds();
    String evaluation = Invocation.of("evaluate", run, "--data", "shapes").succeeds().out();
    assertTrue(evaluation.contains("of 80"), "new shapes, all of them: " + evaluation);
  }

  @Test
  void trainsOnAFolderAndPredictsOneToo() throws IOException {
    Path photos = Files.createDirectory(temporary.resolve("photos"));
    for (int i = 0; i < 32; i++) {
      Path folder = Files.createDirectories(photos.resolve("class" + i % 2));
      Images.png(folder.resolve(i + ".png"), shape(i % 2 + i / 2 * 8));
    }
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1, "--data", "folder:" + photos).succeeds();
    String table =
        Invocation.of("predict", run, photos.resolve("class0"), "--top", 1).succeeds().out();
    assertEquals(16, table.lines().count(), table);
    Path parts = Files.createDirectory(temporary.resolve("parts"));
    for (String part : List.of("train/class0", "train/class1", "val/class0", "val/class1")) {
      Images.png(Files.createDirectories(parts.resolve(part)).resolve("0.png"), shape(0));
    }
    String evaluation =
        Invocation.of("evaluate", run, "--data", "folder:" + parts).succeeds().out();
    assertTrue(evaluation.contains("of 2"), "what is in val: " + evaluation);
  }

  @Test
  void printsTheSameNumbersInEveryLocale() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1).succeeds();
    Path image = Images.png(temporary.resolve("image.png"), shape(0));
    Locale usual = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG")); // other digits, another decimal sign
      String table = Invocation.of("predict", run, image).succeeds().out();
      assertTrue(table.matches("(?s).* [0-9]+\\.[0-9] %.*"), table);
      String evaluation = Invocation.of("evaluate", run).succeeds().out();
      assertTrue(evaluation.chars().noneMatch(c -> c > 127 && Character.isDigit(c)), evaluation);
    } finally {
      Locale.setDefault(usual);
    }
  }

  @Test
  void resumesToTheBitsOfATrainingWithoutABreak() throws IOException {
    Path straight = temporary.resolve("straight");
    Path broken = temporary.resolve("broken");
    train(straight, "--epochs", 3, "--schedule", "step:1:0.5").succeeds();
    train(broken, "--epochs", 1, "--schedule", "step:1:0.5").succeeds();
    Invocation.of("train", "--resume", broken, "--epochs", 3).succeeds();
    assertArrayEquals(
        Files.readAllBytes(straight.resolve("model.safetensors")),
        Files.readAllBytes(broken.resolve("model.safetensors")));
  }

  /** The model is that of the last end; after a crash the checkpoint of the best epoch is newer. */
  @Test
  void theBestEpochsWeightsAreThoseOfItsCheckpoint() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1).succeeds();
    Path best = run.resolve("checkpoints/best.safetensors");
    assertEquals(best, RunFolder.open(run).weights());
    String sound = Invocation.of("evaluate", run).succeeds().out();
    Files.delete(run.resolve("model.safetensors"));
    assertEquals(sound, Invocation.of("evaluate", run).succeeds().out());
    Files.delete(best);
    assertNull(RunFolder.open(run).weights());
  }

  @Test
  void fewerEpochsThanAreBegunAreRefused() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 2).succeeds();
    String configuration = Files.readString(run.resolve("config.json"));
    Invocation.of("train", "--resume", run, "--epochs", 1)
        .failsWith(2, "--epochs 1: the run in " + run + " is in epoch 2 already");
    assertEquals(configuration, Files.readString(run.resolve("config.json")));
    Invocation.of("train", "--resume", run, "--epochs", 2).succeeds();
  }

  /** A file more is another order of its class, and so another division. */
  @Test
  void tellsIfValidationImagesMayHaveBeenLearntFrom() throws IOException {
    Path photos = temporary.resolve("photos");
    for (int i = 0; i < 20; i++) {
      Path folder = Files.createDirectories(photos.resolve("class" + i % 2));
      Images.jpeg(folder.resolve(i + ".jpg"), Shapes.of(20, 24, 1).image(i));
    }
    Path run = temporary.resolve("run");
    Invocation.of(
            "train",
            "--model",
            "small",
            "--image-size",
            16,
            "--data",
            "folder:" + photos,
            "--epochs",
            1,
            "--out",
            run)
        .succeeds();
    Invocation.of("evaluate", run).succeeds();
    Invocation all = Invocation.of("evaluate", run, "--data", "folder:" + photos);
    assertTrue(all.err().contains("these are the images that the run has learnt from"), all.err());
    Images.jpeg(photos.resolve("class0/more.jpg"), Shapes.of(20, 24, 1).image(0));
    Invocation resumed = Invocation.of("train", "--resume", run, "--epochs", 2);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertTrue(resumed.err().contains("the images have changed since"), resumed.err());
    for (String command : List.of("evaluate", "report")) {
      Invocation told = Invocation.of(command, run);
      assertEquals(0, told.exitCode());
      assertTrue(told.err().contains("the images have changed since the training"), told.err());
    }
    Files.move(photos, temporary.resolve("moved"));
    Invocation.of("evaluate", run).failsWith(1, photos.toString(), "--resume RUN --data KIND:PATH");
    Invocation.of("train", "--resume", run, "--epochs", 3)
        .failsWith(1, photos.toString(), "add --data KIND:PATH");
  }

  @Test
  void oneClassIsNotLearnt() throws IOException {
    Path photos = Files.createDirectories(temporary.resolve("photos/train"));
    for (int i = 0; i < 4; i++) {
      Images.jpeg(photos.resolve(i + ".jpg"), Shapes.of(4, 24, 1).image(i));
    }
    Path run = temporary.resolve("run");
    Invocation.of("train", "--data", "folder:" + photos.getParent(), "--out", run)
        .failsWith(1, "has one class, 'train'");
    assertFalse(Files.exists(run));
    Invocation.of("train", "--data", "folder:" + photos.getParent(), "--images", 3, "--out", run)
        .failsWith(2, "--images is of --data shapes");
  }

  /** Of 41 classes the matrix would fill a terminal. */
  @Test
  void manyClassesHaveTheirMatrixElsewhere() throws IOException {
    Path photos = temporary.resolve("photos");
    for (int i = 0; i < 82; i++) {
      Path folder = Files.createDirectories(photos.resolve("class" + i % 41));
      Images.png(folder.resolve(i + ".png"), Shapes.of(1, 16, i).image(0));
    }
    Path run = temporary.resolve("run");
    Invocation.of(
            "train",
            "--model",
            "small",
            "--image-size",
            16,
            "--data",
            "folder:" + photos,
            "--validation-split",
            0.5,
            "--epochs",
            1,
            "--out",
            run)
        .succeeds();
    String told = Invocation.of("evaluate", run).succeeds().out();
    assertTrue(told.contains("--confusion FILE.png, --json"), told);
    assertFalse(told.contains("Row: true class"), told);
    Map<?, ?> figures = json(Invocation.of("evaluate", run, "--json").succeeds().out());
    assertEquals(41, ((List<?>) figures.get("confusion")).size());
  }

  /** It is but a note of what was typed. */
  @Test
  void whateverIsInTheListOfCommandsATrainingGoesOn() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1).succeeds();
    Path commands = run.resolve("command.txt");
    Files.write(commands, new byte[] {(byte) 0xff, '\n'}, StandardOpenOption.APPEND);
    Invocation.of("train", "--resume", run, "--epochs", 2).succeeds();
    assertEquals(3, Files.readAllLines(commands).size());
  }

  @Test
  void twoTrainingsDoNotShareAFolder() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1).succeeds();
    try (LockFile other = new RunFolder(run).lock()) {
      Invocation.of("train", "--resume", run, "--epochs", 2)
          .failsWith(1, run + ": another training is at work there");
    }
    Path killed = Files.createDirectories(temporary.resolve("killed"));
    try (LockFile other = new RunFolder(killed).lock()) {
      train(killed, "--epochs", 1).failsWith(1, killed + ": another training is at work there");
    }
    assertTrue(
        Files.exists(killed.resolve(RunFolder.LOCK)),
        "one that has it open already would lock a deleted file, and another a new one");
    train(killed, "--epochs", 1).succeeds();
  }

  @Test
  void foldersOfTheSameNameGetANumber() {
    assertEquals("runs/x", temporary.relativize(runs().path()).toString());
    assertEquals("runs/x-2", temporary.relativize(runs().path()).toString());
    assertEquals("runs/x-3", temporary.relativize(runs().path()).toString());
  }

  private RunFolder runs() {
    return RunFolder.createIn(temporary.resolve("runs"), "x");
  }

  @Test
  void aRunGoesOnWithDataThatWereMoved() throws IOException {
    Path photos = temporary.resolve("photos");
    for (int i = 0; i < 20; i++) {
      Path folder = Files.createDirectories(photos.resolve("class" + i % 2));
      Images.jpeg(folder.resolve(i + ".jpg"), Shapes.of(20, 24, 1).image(i));
    }
    Path straight = temporary.resolve("straight");
    Path broken = temporary.resolve("broken");
    Object[] options = {"--data", "folder:" + photos, "--schedule", "constant"};
    train(straight, with(options, "--epochs", 2)).succeeds();
    train(broken, with(options, "--epochs", 1)).succeeds();

    Path moved = Files.move(photos, temporary.resolve("moved"));
    Invocation.of("train", "--resume", broken, "--epochs", 2)
        .failsWith(1, photos + ": no such folder");
    String told =
        Invocation.of("train", "--resume", broken, "--epochs", 2, "--data", "folder:" + moved)
            .succeeds()
            .out();
    assertTrue(told.contains("folder:" + moved), told);
    PackTest.assertSameWeights(straight, broken); // their files also tell where the data lie
    String evaluation = Invocation.of("evaluate", broken).succeeds().out();
    assertTrue(evaluation.contains("of 4"), "finds its validation images there: " + evaluation);
  }

  @Test
  void aTunedRunGoesOnWithWhatWasMeasured() throws IOException {
    Path straight = temporary.resolve("straight");
    String told = train(straight, "--epochs", 1, "--convolution", "tune").succeeds().out();
    assertTrue(told.contains("measuring"), told);
    RunConfiguration begun = RunFolder.open(straight).configuration();
    assertEquals("tune", begun.convolutions().name());
    // What no measurement would give: the loop nest for one pass.
    Map<String, ConvAlgorithm> algorithms = new TreeMap<>(begun.convolutions().algorithms());
    algorithms.put("conv1.forward", ConvAlgorithm.LOOPS);
    ConvolutionChoice slow = ConvolutionChoice.tuned(algorithms);
    RunFolder.open(straight)
        .write(
            new RunConfiguration(
                begun.model(),
                begun.data(),
                begun.channels(),
                begun.classNames(),
                begun.normalization(),
                begun.colors(),
                slow,
                begun.validated(),
                begun.recipe()));
    Files.delete(straight.resolve("checkpoints/last.safetensors"));
    Files.delete(straight.resolve("model.safetensors"));
    told = Invocation.of("train", "--resume", straight, "--epochs", 1).succeeds().out();
    assertFalse(told.contains("measuring"), told);
    assertEquals(slow, RunFolder.open(straight).configuration().convolutions());
    String plan = Invocation.of("summary", straight, "--plan").succeeds().out();
    assertTrue(plan.contains("LOOPS"), plan);

    Invocation.of("train", "--resume", straight, "--convolution", "direct")
        .failsWith(2, "--convolution tune, not direct");
  }

  @Test
  void thePapersColourNoiseGoesByTheTrainingImages() throws IOException {
    Path straight = temporary.resolve("straight");
    Path broken = temporary.resolve("broken");
    train(straight, "--epochs", 2, "--augment", "paper", "--schedule", "constant").succeeds();
    train(broken, "--epochs", 1, "--augment", "paper", "--schedule", "constant").succeeds();

    RunConfiguration configuration = RunFolder.open(broken).configuration();
    Recipe recipe = configuration.recipe();
    ResizedImages images =
        RunConfiguration.resized(configuration.data().open(recipe).train(), 3, recipe);
    PrincipalColors colors = ImageStatistics.of(images, recipe.seed).principalColors();
    BatchSource expected =
        Batches.of(images)
            .imageSize(16)
            .batchSize(8)
            .shuffle(true)
            .seed(recipe.seed)
            .augment(Augment.paper(colors))
            .normalization(configuration.normalization())
            .build();
    assertArrayEquals(firstBatch(expected), firstBatch(configuration.trainingBatches(images)));

    Invocation.of("train", "--resume", broken, "--epochs", 2).succeeds();
    assertArrayEquals(
        Files.readAllBytes(straight.resolve("model.safetensors")),
        Files.readAllBytes(broken.resolve("model.safetensors")));
  }

  @Test
  void theMeanImageIsKeptWithTheRunToTheBit() throws IOException {
    Object[] options = {
      "--normalization",
      "mean-image",
      "--augment",
      "crop,mirror,mixup:0.4",
      "--schedule",
      "constant"
    };
    Path straight = temporary.resolve("straight");
    Path broken = temporary.resolve("broken");
    train(straight, with(options, "--epochs", 2)).succeeds();
    train(broken, with(options, "--epochs", 1)).succeeds();

    RunConfiguration run = RunFolder.open(broken).configuration();
    ResizedImages images =
        RunConfiguration.resized(run.data().open(run.recipe()).train(), 3, run.recipe());
    float[] measured =
        ImageStatistics.of(images, run.recipe().seed).meanImage().toMap().get("normalization.mean");
    assertEquals(3 * 18 * 18, measured.length);
    assertArrayEquals(measured, run.normalization().toMap().get("normalization.mean"));
    String config = Files.readString(broken.resolve("config.json"));
    assertTrue(config.contains("\"mean-image.safetensors\""), config);
    assertTrue(config.length() < 5000, "no numbers by the thousand: " + config.length());
    Path checkpoint = broken.resolve("checkpoints/last.safetensors");
    for (Path file : List.of(broken.resolve("model.safetensors"), checkpoint)) {
      try (SafeTensors tensors = SafeTensors.open(file)) {
        assertArrayEquals(measured, tensors.read("normalization.mean").toArray(), file.toString());
        assertTrue(tensors.metadata().get("configuration").contains("mean-image"), file.toString());
      }
    }

    Invocation.of("train", "--resume", broken, "--epochs", 2).succeeds();
    assertArrayEquals(
        Files.readAllBytes(straight.resolve("model.safetensors")),
        Files.readAllBytes(broken.resolve("model.safetensors")));
    assertEquals(
        Invocation.of("evaluate", straight).succeeds().out(),
        Invocation.of("evaluate", broken).succeeds().out());
    Path image = Images.png(temporary.resolve("image.png"), shape(0));
    Invocation.of("predict", broken, image).succeeds();

    Path meanImage = broken.resolve("mean-image.safetensors");
    byte[] bytes = Files.readAllBytes(meanImage);
    bytes[bytes.length - 1] ^= 1;
    Files.write(meanImage, bytes);
    Invocation.of("evaluate", broken).failsWith(1, "mean-image.safetensors");
    Files.delete(meanImage);
    Invocation.of("evaluate", broken).failsWith(1, meanImage.toString(), "no such file");
  }

  private static Object[] with(Object[] options, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(options));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  @Test
  void augmentationIsKeptAsItWasWritten() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1, "--augment", "resized-crop:0.5..1,hue:0.1").succeeds();
    assertEquals(
        "resized-crop:0.5..1,hue:0.1", RunFolder.open(run).configuration().recipe().augment);
    Path file = run.resolve("config.json");
    String text = Files.readString(file);
    Files.writeString(file, text.replace("resized-crop:0.5..1,hue:0.1", "blur"));
    Invocation.of("evaluate", run).failsWith(1, "config.json", "'blur'");
  }

  private static float[] firstBatch(BatchSource source) {
    try (BatchSource.Batches batches = source.open(0, 0)) {
      return batches.next().images().toArray();
    }
  }

  @Test
  void keepsTheConfigurationItTrainedWith() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1, "--momentum", 0.8, "--no-lrn", "--activation", "tanh").succeeds();
    Recipe recipe = RunFolder.open(run).configuration().recipe();
    assertEquals(0.8f, recipe.momentum);
    assertEquals(false, recipe.lrn);
    assertEquals(ActivationName.TANH, recipe.activation);
  }

  @Test
  void whatIsGivenOfTheRateCountsWhereverItStands() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--epochs", 1, "--learning-rate", 0.003, "--optimizer", "adam").succeeds();
    Recipe recipe = RunFolder.open(run).configuration().recipe();
    assertEquals(OptimizerName.ADAM, recipe.optimizer);
    assertEquals(0.003f, recipe.learningRate);
    assertEquals(0, recipe.weightDecay);
  }

  private static Image shape(int index) {
    return Shapes.of(1000, 32, 7).image(index);
  }

  private static Invocation train(Path run, Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", "--model", "small", "--image-size", 16));
    if (!List.of(more).contains("--data")) {
      args.addAll(List.of("--images", 80));
    }
    args.addAll(List.of("--out", run, "--batch-size", 8));
    args.addAll(Arrays.asList(more));
    return Invocation.of(args.toArray());
  }
}
