package io.alexnet.graph;

import io.alexnet.init.Initializer;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.ParameterSpec;
import io.alexnet.layer.StateSpec;
import io.alexnet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one layer of a network holds, by names within the layer. */
record LayerValues(Map<String, Parameter> parameters, Map<String, Tensor> state) {

  /** Fresh values for a layer; parameters of 0 if they are not to be initialised. */
  static LayerValues of(Node node, boolean initialize, long seed) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    for (ParameterSpec spec : node.parameters()) {
      String name = node.name() + "." + spec.name();
      Tensor value = Tensor.zeros(spec.shape());
      if (initialize) {
        spec.options()
            .initializer()
            .fill(value, spec.fanIn(), spec.fanOut(), Initializer.stream(seed, name));
      }
      parameters.put(spec.name(), new Parameter(name, value, spec.options()));
    }
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (StateSpec spec : node.layer().state(node.inputShapes())) {
      Tensor value = Tensor.zeros(spec.shape());
      value.fill(spec.initial());
      state.put(spec.name(), value);
    }
    return new LayerValues(parameters, state);
  }

  long parameterFloats() {
    return parameters.values().stream().mapToLong(parameter -> parameter.value().size()).sum();
  }
}
