package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.AlexNet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("weights.safetensors");
  }

  private static Map<String, float[]> values(Network network) {
    Map<String, float[]> values = new LinkedHashMap<>();
    network.state().forEach((name, tensor) -> values.put(name, tensor.toArray()));
    return values;
  }

  private static void assertSame(Map<String, float[]> expected, Network network) {
    network
        .state()
        .forEach((name, tensor) -> assertArrayEquals(expected.get(name), tensor.toArray(), name));
  }

  @Test
  void loadsWhatFitsAndReportsTheRest() throws IOException {
    try (Network from = Nets.alexNet(1, 1);
        Network to = Nets.alexNet(1, 2)) {
      Map<String, Tensor> tensors = from.state();
      tensors.remove("conv2.bias");
      tensors.put("fc4.weight", Tensor.zeros(9, 24));
      tensors.put("fc5.weight", Tensor.zeros(3));
      tensors.put("optimizer/velocity/conv1.weight", Tensor.zeros(3)); // of a checkpoint
      SafeTensors.write(file, tensors, Map.of());
      Map<String, float[]> expected = values(to);
      WeightReport report = Weights.in(file).load(to);
      assertEquals(
          List.of(
              "conv1.weight",
              "conv1.bias",
              "conv2.weight",
              "bn2.weight",
              "bn2.bias",
              "bn2.running_mean",
              "bn2.running_var",
              "fc3.weight",
              "fc3.bias",
              "fc4.bias"),
          report.loaded());
      assertEquals(List.of("conv2.bias"), report.missing());
      assertEquals(
          List.of(
              new WeightReport.Difference(
                  "fc4.weight", Shape.of(Nets.CLASSES, 24), Shape.of(9, 24))),
          report.different());
      assertEquals(List.of("fc5.weight"), report.unused());
      assertEquals(List.of(), report.leftOut());
      assertFalse(report.complete());
      assertEquals(
          "10 of the network's 12 tensors loaded; of another shape: fc4.weight (6×24 here, 9×24 in"
              + " the file); not in the file: conv2.bias; only in the file: fc5.weight",
          report.toString());
      Map<String, float[]> loaded = values(from);
      report.loaded().forEach(name -> expected.put(name, loaded.get(name)));
      assertSame(expected, to);
    }
  }

  @Test
  void allOrNothingIfAllIsAskedFor() throws IOException {
    try (Network from = Nets.alexNet(1, 1);
        Network to = Nets.alexNet(1, 2)) {
      Map<String, Tensor> tensors = from.state();
      tensors.put("fc4.bias", Tensor.zeros(9));
      SafeTensors.write(file, tensors, Map.of());
      Map<String, float[]> before = values(to);
      var e = assertThrows(CheckpointException.class, () -> Weights.in(file).loadAll(to));
      assertEquals(
          file
              + ": does not fit the network: 11 of the network's 12 tensors loaded; of another shape:"
              + " fc4.bias (6 here, 9 in the file)",
          e.getMessage());
      assertSame(before, to);
      WeightReport report = Weights.in(file).without("fc4").loadAll(to);
      assertEquals(List.of("fc4.weight", "fc4.bias"), report.leftOut());
      assertEquals(10, report.loaded().size());
      assertEquals(List.of(), report.unused());
      assertArrayEquals(before.get("fc4.weight"), to.state().get("fc4.weight").toArray());
      var unknown =
          assertThrows(
              IllegalArgumentException.class, () -> Weights.in(file).without("fc7").load(to));
      assertTrue(unknown.getMessage().contains("no layer 'fc7'"), unknown.getMessage());
    }
  }

  @Test
  void renamesLayersAndSingleTensors() throws IOException {
    try (Network from = Nets.dense(4);
        Network to = Nets.dense(4)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("head.0.weight", from.state().get("fc.weight"));
      tensors.put("offset", from.state().get("fc.bias"));
      tensors.get("offset").fill(3);
      SafeTensors.write(file, tensors, Map.of());
      Map<String, String> names = Map.of("head.0", "fc", "offset", "fc.bias");
      assertTrue(Weights.in(file).renamed(names).loadAll(to).complete());
      assertSame(values(from), to);
      var e =
          assertThrows(
              CheckpointException.class,
              () ->
                  Weights.in(file)
                      .renamed(Map.of("head.0.weight", "fc.bias", "offset", "fc.bias"))
                      .load(to));
      assertEquals(
          file + ": both 'head.0.weight' and 'offset' stand for 'fc.bias'", e.getMessage());
    }
  }

  /** As torchvision's {@code alexnet(num_classes=5).state_dict()} has it, in its order. */
  private static Map<String, int[]> torchvisionShapes() {
    Map<String, int[]> shapes = new LinkedHashMap<>();
    shapes.put("features.0", new int[] {64, 3, 11, 11});
    shapes.put("features.3", new int[] {192, 64, 5, 5});
    shapes.put("features.6", new int[] {384, 192, 3, 3});
    shapes.put("features.8", new int[] {256, 384, 3, 3});
    shapes.put("features.10", new int[] {256, 256, 3, 3});
    shapes.put("classifier.1", new int[] {4096, 9216});
    shapes.put("classifier.4", new int[] {4096, 4096});
    shapes.put("classifier.6", new int[] {5, 4096});
    return shapes;
  }

  /** A file of halves or brain floats, written as Python would: value i is i % 7 − 3. */
  private void write(String type) throws IOException {
    StringBuilder header = new StringBuilder("{");
    long offset = 0;
    for (Map.Entry<String, int[]> entry : torchvisionShapes().entrySet()) {
      int[] shape = entry.getValue();
      for (String tensor : List.of("weight", "bias")) {
        int[] dimensions = tensor.equals("weight") ? shape : new int[] {shape[0]};
        long bytes = 2L * Shape.of(dimensions).size();
        header.append(offset == 0 ? "" : ",");
        header.append(
            String.format(
                Locale.ROOT,
                "\"%s.%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
                entry.getKey(),
                tensor,
                type,
                java.util.Arrays.toString(dimensions),
                offset,
                offset + bytes));
        offset += bytes;
      }
    }
    byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer =
        ByteBuffer.allocate(8 + text.length + (int) offset).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(text.length).put(text);
    short[] halves = {(short) 0xC200, (short) 0xC000, (short) 0xBC00, 0, 0x3C00, 0x4000, 0x4200};
    for (int i = 0; buffer.hasRemaining(); i++) {
      buffer.putShort(
          type.equals("F16") ? halves[i % 7] : (short) (Float.floatToIntBits(i % 7 - 3) >> 16));
    }
    Files.write(file, buffer.array());
  }

  /** Drawing its 57 million weights would take most of a test's time. */
  private static Network torchvision(int classes) {
    Graph graph = AlexNet.torchvision().classes(classes).graph();
    return Network.builder(graph).threads(1).skipInitialization().build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16"})
  void torchvisionsNamesFillItsVariant(String type) throws IOException {
    write(type);
    try (Network network = torchvision(5)) {
      WeightReport report = Weights.in(file).renamed(AlexNet.torchvisionNames()).loadAll(network);
      assertEquals(16, report.loaded().size());
      assertEquals(List.of(), report.unused());
      int i = 0; // the file is in the order of the layers, weight before bias
      for (Tensor tensor : network.state().values()) {
        for (float value : tensor.array()) {
          assertEquals(i++ % 7 - 3, value);
        }
      }
    }
  }

  @Test
  void torchvisionsOtherClassesAreLeftOut() throws IOException {
    write("F16");
    try (Network network = torchvision(3)) {
      WeightReport report = Weights.in(file).renamed(AlexNet.torchvisionNames()).load(network);
      assertEquals(
          "14 of the network's 16 tensors loaded; of another shape: fc8.weight (3×4096 here, 5×4096"
              + " in the file), fc8.bias (3 here, 5 in the file)",
          report.toString());
    }
  }

  @Test
  void whatIsLeftOutOrRenamedLaterComesBesideWhatWasBefore() throws IOException {
    try (Network from = Nets.alexNet(1, 1);
        Network to = Nets.alexNet(1, 2)) {
      Map<String, Tensor> tensors = from.state();
      tensors.put("a.bias", tensors.remove("conv1.bias"));
      tensors.put("b.bias", tensors.remove("conv2.bias"));
      SafeTensors.write(file, tensors, Map.of());
      WeightReport report =
          Weights.in(file)
              .without("fc3")
              .without("fc4")
              .renamed(Map.of("a", "conv1"))
              .renamed(Map.of("b", "conv2"))
              .loadAll(to);
      assertEquals(List.of("fc3.weight", "fc3.bias", "fc4.weight", "fc4.bias"), report.leftOut());
      assertTrue(report.loaded().containsAll(List.of("conv1.bias", "conv2.bias")));
    }
  }
}
