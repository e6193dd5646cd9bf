package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.graph.Network;
import io.alexnet.layer.Parameter;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvNormsTest {

  @TempDir Path folder;

  private static Examples examples(int size) {
    return new Examples(Nets.IMAGE, size, 12, Nets.CLASSES, 3);
  }

  private static double norm(Tensor tensor) {
    double squares = 0;
    for (float value : tensor.toArray()) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  /** With the plain rule w ← w − rate·g the step itself tells the mean gradient. */
  @Test
  void theGradientIsTheMeanOverTheLastStepsExamples() {
    Path file = folder.resolve("norms.csv");
    float rate = 0.5f;
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Map<String, float[]> before = new HashMap<>();
      Map<String, Double> expected = new HashMap<>();
      TrainingListener measure =
          new TrainingListener() {
            @Override
            public void onStep(Progress progress) {
              for (Parameter parameter : network.parameters()) {
                float[] now = parameter.value().toArray();
                float[] old = before.put(parameter.name(), now);
                double squares = 0;
                for (int i = 0; old != null && i < now.length; i++) {
                  squares += Math.pow((now[i] - old[i]) / rate, 2);
                }
                expected.put(parameter.name(), Math.sqrt(squares));
              }
            }
          };
      Trainer.of(network)
          .optimizer(Sgd.plain())
          .learningRate(rate)
          .listener(new CsvNorms(file, network))
          .listener(measure)
          .fit(examples(12 + 5), null, 1); // the last step has 5 examples of 12
      List<ParameterNorms> norms = CsvNorms.read(file);
      assertEquals(network.parameters().size(), norms.size());
      for (int i = 0; i < norms.size(); i++) {
        Parameter parameter = network.parameters().get(i);
        assertEquals(parameter.name(), norms.get(i).parameter());
        assertEquals(1, norms.get(i).epoch());
        assertEquals(norm(parameter.value()), norms.get(i).weight(), 1e-5);
        double gradient = expected.get(parameter.name());
        assertEquals(gradient, norms.get(i).gradient(), 1e-3 * gradient); // old − new rounds
      }
    }
  }

  /** It is no table, and a single line of it would not fit into memory. */
  @Test
  void aFileOfGigabytesIsNotReadWhenATrainingGoesOn() throws IOException {
    Path file = folder.resolve("norms.csv");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network);
      trainer.fit(examples(12), null, 1);
      trainer.listener(new CsvNorms(file, network)).fit(examples(12), null, 2);
      assertEquals(network.parameters().size(), CsvNorms.read(file).size());
    }
  }

  @Test
  void frozenParametersHaveNoGradient() {
    Path file = folder.resolve("norms.csv");
    try (Network network = Nets.alexNet(1, 1)) {
      network.parameters().get(0).trainable(false);
      Trainer.of(network).listener(new CsvNorms(file, network)).fit(examples(24), null, 1);
      List<ParameterNorms> norms = CsvNorms.read(file);
      assertTrue(Double.isNaN(norms.get(0).gradient()), norms.toString());
      assertTrue(norms.get(1).gradient() > 0, norms.toString());
    }
  }

  @Test
  void aTrainingThatGoesOnHasTheRowsOfOneWithoutABreak() {
    Path straight = folder.resolve("straight.csv");
    Path broken = folder.resolve("broken.csv");
    try (Network network = Nets.alexNet(1, 1)) {
      Trainer.of(network).listener(new CsvNorms(straight, network)).fit(examples(24), null, 3);
    }
    try (Network network = Nets.alexNet(1, 1)) {
      Trainer.of(network)
          .checkpoint(folder.resolve("checkpoints"))
          .listener(new CsvNorms(broken, network))
          .fit(examples(24), null, 2);
      // As if the process had ended between an epoch's rows and its checkpoint.
      List<ParameterNorms> rows = CsvNorms.read(broken);
      CsvNorms tooFar = new CsvNorms(broken, network);
      tooFar.onEpoch(new EpochRecord(3, 9, 1, 0, 0, 0, 0, 1, 1, 1), null);
      assertEquals(rows.size() * 3 / 2, CsvNorms.read(broken).size());
    }
    try (Network network = Nets.alexNet(1, 1)) {
      Trainer.of(network)
          .checkpoint(folder.resolve("checkpoints"))
          .resume(folder.resolve("checkpoints"))
          .listener(new CsvNorms(broken, network))
          .fit(examples(24), null, 3);
    }
    assertEquals(CsvNorms.read(straight), CsvNorms.read(broken));
  }

  @Test
  void aDamagedFileIsKeptUpToTheDamageAndRefusedByName() throws IOException {
    Path file = folder.resolve("norms.csv");
    Files.writeString(file, ParameterNorms.CSV_HEADER + "\n1,2.5,0.5,conv1.weight\n1,2.");
    var thrown = assertThrows(UncheckedIOException.class, () -> CsvNorms.read(file));
    assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
    try (Network network = Nets.dense(2)) {
      new CsvNorms(file, network)
          .onStart(List.of(new EpochRecord(1, 9, 1, 0, 0, 0, 0, 1, 1, 1)), 2);
    }
    assertEquals(List.of(new ParameterNorms(1, "conv1.weight", 2.5, 0.5)), CsvNorms.read(file));
  }

  @Test
  void aNameMayHoldCommas() throws IOException {
    Path file = folder.resolve("norms.csv");
    ParameterNorms norms = new ParameterNorms(1, "a,b.weight", 1 / 3.0, 2);
    Files.writeString(file, ParameterNorms.CSV_HEADER + "\n" + norms.toCsv() + "\n");
    assertEquals(List.of(norms), CsvNorms.read(file));
  }
}
