package io.alexnet.layer;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * All that a layer needs to make its pass.
 *
 * @param convolutions which algorithms convolutions compute by
 * @param preparedWeights where kernels keep what they make of the layer's parameters, if these and
 *     its state never change while this pass is in use; null if they may
 * @param layerName the layer's name in the graph
 * @param layerIndex the layer's place in the graph, for streams of random numbers
 * @param inputGradients one for each input; null where no gradient is asked for
 * @param outputGradient null in inference
 * @param parameters by their names within the layer
 * @param state by names within the layer
 * @param indices of {@link Layer#indices} × batch integers; null in inference
 */
public record Binding(
    Kernels kernels,
    ConvolutionChoice convolutions,
    PreparedWeights preparedWeights,
    String layerName,
    int batch,
    boolean training,
    int layerIndex,
    List<Buffer> inputs,
    Buffer output,
    List<Buffer> inputGradients,
    Buffer outputGradient,
    Map<String, Parameter> parameters,
    Map<String, Tensor> state,
    Indices indices) {

  /** Whether it is for training and any of the parameters is trainable. */
  public boolean learns() {
    return training && parameters.values().stream().anyMatch(Parameter::trainable);
  }

  /** Whether parameters and state never change while this pass is in use. */
  public boolean weightsConstant() {
    return preparedWeights != null;
  }

  /** The only input of a {@link UnaryLayer}. */
  public Buffer input() {
    return inputs.get(0);
  }

  /** The only input's gradient; null if it is not asked for. */
  public Buffer inputGradient() {
    return inputGradients.get(0);
  }
}
