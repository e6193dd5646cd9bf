package io.alexnet.peers;

import io.alexnet.format.Onnx;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes this library's network for ONNX Runtime, in a process of its own so that the engine's peak
 * memory has no part of it. Beside the model lie the count of its parameters and the logits that it
 * is to compute.
 */
final class OnnxModel {

  private OnnxModel() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    Task task = Task.parse(Arrays.asList(arguments).subList(1, arguments.length));
    try (Network network = AlexNetEngine.network(task)) {
      Onnx.write(file, network, Map.of());
      Tensor images = Tensor.of(task.images(), task.batch(), 3, Task.SIZE, Task.SIZE);
      try (DataOutputStream out =
          new DataOutputStream(
              new BufferedOutputStream(Files.newOutputStream(expectation(file))))) {
        out.writeLong(network.parameters().stream().mapToLong(p -> p.value().size()).sum());
        for (float logit : network.infer(images).toArray()) {
          out.writeFloat(logit);
        }
      }
    }
  }

  static Path expectation(Path model) {
    return model.resolveSibling(model.getFileName() + ".expected");
  }
}
