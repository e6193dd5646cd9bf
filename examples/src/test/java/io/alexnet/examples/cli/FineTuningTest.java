package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.NormalizationKind;
import io.alexnet.examples.page.Json;
import io.alexnet.format.SafeTensors;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that begin with the weights of another, on images small enough for a test. */
class FineTuningTest {

  /** A network that has learnt four of the eight shapes, from images of another size than usual. */
  @TempDir static Path shared;

  private static Path earlier;

  @TempDir Path temporary;

  @BeforeAll
  static void trainTheEarlier() {
    earlier = shared.resolve("earlier");
    Invocation.of(
            "train",
            "--model",
            "small",
            "--data",
            "shapes",
            "--images",
            160,
            "--classes",
            "0-3",
            "--epochs",
            2,
            "--batch-size",
            16,
            "--image-size",
            16,
            "--activation",
            "tanh",
            "--normalization",
            "mean-image",
            "--learning-rate",
            0.001,
            "--out",
            earlier)
        .succeeds();
  }

  private static Invocation train(Path run, Object... options) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train", "--data", "shapes", "--images", 160, "--batch-size", 16, "--out", run));
    args.addAll(Arrays.asList(options));
    return Invocation.of(args.toArray());
  }

  private static Map<String, float[]> weights(Path file) throws IOException {
    Map<String, float[]> weights = new LinkedHashMap<>();
    try (SafeTensors tensors = SafeTensors.open(file)) {
      for (String name : tensors.names()) {
        weights.put(name, tensors.read(name).toArray());
      }
    }
    return weights;
  }

  private static Map<?, ?> configuration(Path run) throws IOException {
    return (Map<?, ?>) Json.read(new StringReader(Files.readString(run.resolve("config.json"))));
  }

  @Test
  void goesOnWithTheEarlierNetworkAndItsNormalisation() throws IOException {
    Path run = temporary.resolve("run");
    String told =
        train(run, "--classes", "4-7", "--from", earlier, "--epochs", 1, "--freeze", "conv*")
            .succeeds()
            .out();
    assertTrue(
        told.contains(
            "from "
                + earlier
                + ": 10 of the network's 12 tensors loaded; left out: fc6.weight, fc6.bias; only in"
                + " the file: normalization.mean"),
        told);
    assertTrue(told.contains("frozen: conv*, "), told);
    Map<?, ?> before = configuration(earlier);
    Map<?, ?> now = configuration(run);
    for (String same : List.of("model", "normalization.mean", "normalization.deviation")) {
      assertEquals(before.get(same), now.get(same), same);
    }
    assertArrayEquals(
        weights(earlier.resolve("mean-image.safetensors")).get("normalization.mean"),
        weights(run.resolve("mean-image.safetensors")).get("normalization.mean"));
    Map<?, ?> recipe = (Map<?, ?>) now.get("recipe");
    assertEquals("tanh", recipe.get("activation"));
    assertEquals(16, recipe.get("imageSize"));
    assertEquals(0.001, recipe.get("learningRate"), "a tenth of the small network's");
    Map<String, float[]> first = weights(earlier.resolve("model.safetensors"));
    weights(run.resolve("model.safetensors"))
        .forEach(
            (name, values) -> {
              boolean kept = name.startsWith("conv") || name.startsWith("normalization");
              assertEquals(kept, Arrays.equals(first.get(name), values), name);
            });
    Invocation.of("evaluate", run).succeeds();
    String all = Invocation.of("summary", earlier, "--batch-size", 16, "--plan").succeeds().out();
    String some = Invocation.of("summary", run, "--batch-size", 16, "--plan").succeeds().out();
    assertTrue(some.lines().count() < all.lines().count(), "frozen convolutions run forward only");
  }

  @Test
  void sameClassesKeepTheirHeadOthersDoNot() {
    String same =
        train(temporary.resolve("same"), "--classes", "0-3", "--from", earlier, "--epochs", 1)
            .succeeds()
            .out();
    assertTrue(same.contains("12 of the network's 12 tensors loaded"), same);
    String more =
        train(temporary.resolve("more"), "--from", earlier, "--epochs", 1).succeeds().out();
    assertTrue(more.contains("left out: fc6.weight, fc6.bias"), more);
  }

  @Test
  void aCheckpointOrAModelWillDoAndAForeignFileToo() throws IOException {
    String told =
        train(
                temporary.resolve("checkpoint"),
                "--classes",
                "0-3",
                "--from",
                earlier.resolve("checkpoints/last.safetensors"),
                "--epochs",
                1)
            .succeeds()
            .out();
    assertTrue(told.contains("12 of the network's 12 tensors loaded"), told);
    Path foreign = temporary.resolve("foreign.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafeTensors file = SafeTensors.open(earlier.resolve("model.safetensors"))) {
      tensors.put("conv1.weight", file.read("conv1.weight"));
      tensors.put("other", file.read("conv1.bias"));
    }
    SafeTensors.write(foreign, tensors, Map.of());
    String partly =
        train(
                temporary.resolve("foreign"),
                "--model",
                "small",
                "--image-size",
                16,
                "--from",
                foreign,
                "--epochs",
                1)
            .succeeds()
            .out();
    assertTrue(partly.contains("1 of the network's 12 tensors loaded; not in the file: "), partly);
    assertTrue(partly.contains("only in the file: other"), partly);
    tensors.remove("conv1.weight");
    SafeTensors.write(foreign, tensors, Map.of());
    train(temporary.resolve("nothing"), "--model", "small", "--from", foreign)
        .failsWith(1, "--from " + foreign + ": nothing in it fits small");
  }

  /** Which torchvision's file does not say: only the model's name tells whose weights they are. */
  @Test
  void torchvisionsWeightsHaveImageNetsNormalisation() throws IOException {
    Path file = temporary.resolve("alexnet.safetensors");
    SafeTensors.write(file, Map.of("features.0.weight", Tensor.zeros(64, 3, 11, 11)), Map.of());
    for (ModelName model : List.of(ModelName.ALEXNET_TORCHVISION, ModelName.ALEXNET)) {
      Recipe recipe = Recipe.of(model, DataSource.Kind.FOLDER);
      assertEquals(NormalizationKind.STANDARD, recipe.normalization);
      Pretrained.open(file).applyTo(recipe, model);
      boolean torchvisions = model == ModelName.ALEXNET_TORCHVISION;
      assertEquals(
          torchvisions ? NormalizationKind.IMAGENET : NormalizationKind.STANDARD,
          recipe.normalization);
    }
  }

  @Test
  void aClassifiersFileSaysWithWhatImagesAndClassesItHasLearnt() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (SafeTensors file = SafeTensors.open(earlier.resolve("model.safetensors"))) {
      for (String name : file.names()) {
        tensors.put(name, file.read(name));
      }
      metadata.putAll(file.metadata());
    }
    metadata.remove("configuration"); // as in what ImageClassifier.save writes
    Path saved = temporary.resolve("saved.safetensors");
    SafeTensors.write(saved, tensors, metadata);
    Path run = temporary.resolve("run");
    Object[] options = {"--model", "small", "--activation", "tanh", "--from", saved, "--epochs", 1};
    String others =
        train(run, Invocation.with(options, "--classes", "4-7", "--freeze", "conv*"))
            .succeeds()
            .out();
    assertTrue(others.contains("left out: fc6.weight, fc6.bias"), others);
    assertEquals(16, ((Map<?, ?>) configuration(run).get("recipe")).get("imageSize"));
    assertArrayEquals(
        weights(earlier.resolve("mean-image.safetensors")).get("normalization.mean"),
        weights(run.resolve("mean-image.safetensors")).get("normalization.mean"));
    String same =
        train(temporary.resolve("same"), Invocation.with(options, "--classes", "0-3"))
            .succeeds()
            .out();
    assertTrue(same.contains("12 of the network's 12 tensors loaded"), same);
    metadata.put("preprocessing.crop", "many");
    SafeTensors.write(saved, tensors, metadata);
    train(temporary.resolve("wrong"), options)
        .failsWith(1, "--from " + saved + ": ", "preprocessing.crop");
  }

  /** A run whose first epoch never came to a checkpoint has no weights of its own yet. */
  @Test
  void resumedWithoutACheckpointItBeginsWithTheSameWeights() throws IOException {
    Path straight = temporary.resolve("straight");
    Path killed = temporary.resolve("killed");
    for (Path run : List.of(straight, killed)) {
      train(
              run,
              "--classes",
              "4-7",
              "--from",
              earlier,
              "--epochs",
              1,
              "--freeze",
              "conv1",
              "--rate-factor",
              "fc*=10,conv2=0.5")
          .succeeds();
    }
    for (String file : List.of("last.safetensors", "best.safetensors")) {
      Files.delete(killed.resolve("checkpoints").resolve(file));
    }
    Invocation.of("train", "--resume", killed)
        .failsWith(1, killed + " has been trained and has no checkpoint", "--from " + killed);
    assertTrue(Files.exists(killed.resolve("evaluation.json")), "nothing is lost");
    Files.delete(killed.resolve("model.safetensors"));
    String told = Invocation.of("train", "--resume", killed).succeeds().out();
    assertTrue(told.contains("from " + earlier), told);
    Map<String, float[]> expected = weights(straight.resolve("model.safetensors"));
    weights(killed.resolve("model.safetensors"))
        .forEach((name, values) -> assertArrayEquals(expected.get(name), values, name));
  }

  /** In one step: later ones would have seen other gradients. */
  @Test
  void aRateFactorChangesWhatItNames() throws IOException {
    Map<String, float[]> slow = afterOneStep("slow");
    Map<String, float[]> fast = afterOneStep("fast", "--rate-factor", "fc6=10");
    assertArrayEquals(slow.get("conv1.weight"), fast.get("conv1.weight"));
    assertArrayEquals(slow.get("fc5.bias"), fast.get("fc5.bias"));
    float[] slowBias = slow.get("fc6.bias");
    for (int i = 0; i < slowBias.length; i++) {
      assertNotEquals(0, slowBias[i], "where it began");
      assertEquals(10, fast.get("fc6.bias")[i] / slowBias[i], 1e-5);
    }
  }

  /** With all 64 images for training in one batch, and a last layer drawn anew. */
  private Map<String, float[]> afterOneStep(String name, String... options) throws IOException {
    Path run = temporary.resolve(name);
    List<Object> args = new ArrayList<>(List.of("train", "--data", "shapes", "--images", 160));
    args.addAll(List.of("--classes", "4-7", "--batch-size", 64, "--epochs", 1));
    args.addAll(List.of("--from", earlier, "--out", run));
    args.addAll(List.of(options));
    Invocation.of(args.toArray()).succeeds();
    List<String> metrics = Files.readAllLines(run.resolve("metrics.csv"));
    assertTrue(metrics.get(1).startsWith("1,1,"), "one epoch, one step: " + metrics);
    return weights(run.resolve("model.safetensors"));
  }

  @Test
  void whatDoesNotFitIsRefusedInOneLine() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--from", temporary.resolve("none")).failsWith(1, "no such run folder or file");
    Path text = Files.writeString(temporary.resolve("text.safetensors"), "no weights at all");
    train(run, "--from", text).failsWith(1, "--from " + text + ": no safetensors file");
    Path strange = temporary.resolve("strange.safetensors");
    SafeTensors.write(
        strange, Map.of("conv1.weight", Tensor.zeros(1)), Map.of("configuration", "none"));
    train(run, "--from", strange).failsWith(1, "--from " + strange + ": ");
    Invocation.of("train", "--from", earlier).failsWith(2, "--from needs --data");
    Invocation.of("train", "--resume", earlier, "--from", earlier)
        .failsWith(2, "--from does not go with --resume");
    train(run, "--from", earlier, "--freeze", "conv9")
        .failsWith(
            2,
            "--freeze: no layer with parameters matches 'conv9'",
            "there are conv1, conv2, conv3, conv4, fc5, fc6");
    train(run, "--from", earlier, "--rate-factor", "norm1=2")
        .failsWith(2, "--rate-factor: no layer with parameters matches 'norm1'");
    train(run, "--from", earlier, "--freeze", "*").failsWith(2, "leaves nothing to train");
    for (String wrong : List.of("fc6", "fc6=", "=3", "fc6=0", "fc6=x", "fc6=1,")) {
      train(run, "--rate-factor", wrong).failsWith(2, "is not of the form PATTERN=FACTOR");
    }
    train(run, "--from", earlier, "--image-size", 20)
        .failsWith(1, "its mean image is for images resized to 16, not 20: give --resize 16");
    assertFalse(Files.exists(run), "nothing was begun");
  }

  @Test
  void someOfTheClasses() throws IOException {
    Path run = temporary.resolve("run");
    train(run, "--model", "small", "--classes", "ring,2,0-1", "--epochs", 1).succeeds();
    assertEquals(
        List.of("ring", "triangle", "circle", "square"), configuration(run).get("classNames"));
    String told = Invocation.of("evaluate", run).succeeds().out();
    assertTrue(told.contains("of 16\n"), "a fifth of 80 of the 160: " + told);
    told = Invocation.of("evaluate", run, "--data", "shapes").succeeds().out();
    assertTrue(told.contains("of 80\n"), "the four classes of 160 others: " + told);
    for (String wrong : List.of("8", "3-9", "5-2", "rose", "1,", "-")) {
      train(temporary.resolve("none"), "--classes", wrong)
          .failsWith(1, "--classes " + wrong + ": there is no class '", "circle, square");
    }
    train(temporary.resolve("none"), "--classes", "0-2,1").failsWith(1, "'square' twice");
    train(temporary.resolve("none"), "--classes", "3").failsWith(1, "two classes");
  }
}
