package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.predict.Prediction;
import io.alexnet.data.source.Shapes;
import io.alexnet.examples.OnnxRuntime;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves a run is the network that it has trained, with all that its user must know. */
class ExportTest {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;

  @TempDir static Path shared;
  @TempDir Path temporary;

  /** With the largest of what a run knows about its images: a mean image. */
  private static Path run;

  @BeforeAll
  static void train() {
    run = shared.resolve("run");
    Object[] args =
        "train --model small --image-size 16 --images 64 --epochs 1 --normalization mean-image"
            .concat(" --out ")
            .concat(run.toString())
            .split(" ");
    Invocation.of(args).succeeds();
  }

  @Test
  void onnxComputesTheSameLogits() throws Exception {
    Path file = temporary.resolve("shapes.onnx");
    Invocation.of("export", run, file).succeeds();
    try (TrainedNetwork trained = TrainedNetwork.open(run, 1)) {
      RunConfiguration configuration = trained.configuration();
      BatchSource source =
          configuration.evaluationBatches(
              RunConfiguration.resized(Shapes.of(5, 40, 9), 3, configuration.recipe()), 1);
      try (BatchSource.Batches batches = source.open(0, 0)) {
        Tensor images = batches.next().images();
        float[] logits = trained.network().infer(images).toArray();
        float largest = 0;
        for (float logit : logits) {
          largest = Math.max(largest, Math.abs(logit));
        }
        assertArrayEquals(logits, OnnxRuntime.logits(file, images), 1e-5f * largest);
      }
    }
  }

  @Test
  void onnxCarriesAllThatAClassifierMustKnow() throws Exception {
    Path file = temporary.resolve("shapes.onnx");
    Invocation.of("export", run, file).succeeds();
    RunConfiguration configuration = RunFolder.open(run).configuration();
    assertEquals(configuration.metadata(), OnnxRuntime.metadata(file));
    Path image = Images.png(temporary.resolve("image.png"), Shapes.of(1, 40, 3).image(0));
    try (ImageClassifier onnx = ImageClassifier.open(file);
        ImageClassifier model =
            ImageClassifier.open(run.resolve("model.safetensors"), configuration.graph())) {
      assertEquals(configuration.classNames(), onnx.classNames());
      assertEquals(configuration.preprocessing().toText(), onnx.preprocessing().toText());
      List<Prediction> expected = model.classify(image, 8);
      List<Prediction> actual = onnx.classify(image, 8);
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i).className(), actual.get(i).className());
        assertEquals(expected.get(i).probability(), actual.get(i).probability(), 1e-5);
      }
    }
  }

  @Test
  void safetensorsIsTheModel() throws IOException {
    Path file = temporary.resolve("shapes.SafeTensors");
    Invocation.of("export", run, file).succeeds();
    assertArrayEquals(
        Files.readAllBytes(run.resolve("model.safetensors")), Files.readAllBytes(file));
    try (Network network = Network.of(RunFolder.open(run).configuration().graph(), 1);
        SafeTensors tensors = SafeTensors.open(file)) {
      Checkpoint.loadWeights(file, network);
      assertTrue(tensors.names().contains("normalization.mean"));
    }
  }

  @Test
  void saysWhatItWrote() {
    Path file = temporary.resolve("shapes.onnx");
    String out = Invocation.of("export", run, file).succeeds().out();
    assertTrue(out.startsWith(file + ": 1."), out);
    assertTrue(out.contains("MB, 8 classes, images of 3×16×16"), out);
  }

  @Test
  void whatCannotBeWrittenIsSaidAndNothingIsLeft() throws IOException {
    Invocation.of("export", run, temporary.resolve("a.pt"))
        .failsWith(USAGE, "FILE must end in .onnx or .safetensors, unlike", "a.pt");
    Invocation.of("export", run).failsWith(USAGE, "Missing required parameter: 'FILE'");
    Invocation.of("export", run, temporary.resolve("none/a.onnx"))
        .failsWith(FAILURE, "a.onnx: ", "none is not a folder");
    Invocation.of("export", temporary.resolve("no-run"), temporary.resolve("a.onnx"))
        .failsWith(FAILURE, "no-run: no such run folder");
    Path there = Files.writeString(temporary.resolve("there.onnx"), "something");
    Invocation.of("export", run, there).failsWith(FAILURE, "there.onnx: it exists");
    try (Stream<Path> files = Files.list(temporary)) {
      assertEquals(List.of(there), files.toList());
    }
    assertEquals("something", Files.readString(there));
  }
}
