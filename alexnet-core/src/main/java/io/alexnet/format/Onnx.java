package io.alexnet.format;

import io.alexnet.graph.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Networks in ONNX files (Open Neural Network Exchange), which ONNX Runtime and most other engines
 * run and PyTorch and Keras write.
 *
 * <p>The classes of the format come from {@code org.tribuo:tribuo-util-onnx}, an optional
 * dependency of this library: an application that reads or writes ONNX files adds it, and if it is
 * a module requires {@code org.tribuo.util.onnx}. Without it the methods here throw {@link
 * IllegalStateException}.
 */
public final class Onnx {

  private Onnx() {}

  /**
   * Writes a network as it infers, in opset 17, or 19 if an average pool is dilated. The input is
   * called {@code input}, (batch, channels, height, width), the output {@code logits}; the batch is
   * of any size. Initialisers have the names of {@link Network#state()}, nodes those of the layers;
   * dropout, which does nothing in inference, is left out.
   *
   * <p>The file appears whole or not at all. Takes once more the memory of the weights.
   *
   * @param metadata text to keep in the file ({@code metadata_props}), such as class names
   * @throws IllegalArgumentException if ONNX cannot express a layer, which the message names, or
   *     the weights exceed the 2 GB that such a file can have; nothing is written
   */
  public static void write(Path file, Network network, Map<String, String> metadata)
      throws IOException {
    requireLibrary();
    OnnxFile.write(file, OnnxExport.of(network, metadata));
  }

  /**
   * Reads a convolutional network of one input and one output: of opsets up to {@value
   * OnnxGraph#NEWEST_OPSET}, with weights of type FLOAT in the file or in one beside it, a first
   * dimension that is the batch, and all others of fixed size. {@code docs/onnx.md} lists the
   * operators. Takes the memory of the file, and once more that of the weights, as often as nodes
   * read them; refuses a file if this and a network of it need more than three quarters of the
   * JVM's memory.
   *
   * @throws FormatException if the file is damaged, needs something that this library does not
   *     have, or too much memory; the message names the first operator or attribute and its node,
   *     or the tensor
   */
  public static OnnxModel read(Path file) throws IOException {
    requireLibrary();
    long memory = Runtime.getRuntime().maxMemory() / 4 * 3; // G1 has gaps behind large arrays
    return OnnxImport.of(file, OnnxFile.read(file, memory), memory);
  }

  private static void requireLibrary() {
    try {
      Class.forName("ai.onnx.proto.OnnxMl", false, Onnx.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "ONNX files need org.tribuo:tribuo-util-onnx, an optional dependency of alexnet-core: add"
              + " it to the application",
          e);
    }
  }
}
