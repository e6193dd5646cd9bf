package io.alexnet.train;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a safetensors file, to be loaded by name into a network that need not be the one
 * they come from: one with another number of classes, or one of another program.
 *
 * <pre>{@code
 * Network network = AlexNet.torchvision().classes(17).build(seed);
 * WeightReport report = Weights.in(file).renamed(AlexNet.torchvisionNames()).load(network);
 * }</pre>
 *
 * <p>The names are those of {@link Network#state()}. Immutable; holds no file open.
 */
public final class Weights {

  private final Path file;
  private final Map<String, String> names;
  private final Set<String> leftOut;

  private Weights(Path file, Map<String, String> names, Set<String> leftOut) {
    this.file = file;
    this.names = names;
    this.leftOut = leftOut;
  }

  /** Those of a model, of a checkpoint without its optimiser, or of another program. */
  public static Weights in(Path file) {
    return new Weights(file, Map.of(), Set.of());
  }

  /**
   * Takes tensors of the file for others, besides those renamed before: {@code features.0} → {@code
   * conv1} renames {@code features.0.weight} and {@code features.0.bias}, {@code kernel} → {@code
   * conv1.weight} the one tensor. An entry for the whole name comes before one for the layer; names
   * without an entry stay.
   */
  public Weights renamed(Map<String, String> names) {
    Map<String, String> all = new HashMap<>(this.names);
    all.putAll(names);
    return new Weights(file, Map.copyOf(all), leftOut);
  }

  /**
   * Leaves these layers of the network as they are, as one that is to learn other classes; besides
   * those left out before.
   */
  public Weights without(String... layers) {
    Set<String> all = new HashSet<>(leftOut);
    all.addAll(Arrays.asList(layers));
    return new Weights(file, names, Set.copyOf(all));
  }

  /**
   * Loads every tensor that the network has by the same name and in the same shape, and leaves the
   * network's others as they are.
   *
   * @return what was loaded and what was not
   * @throws CheckpointException if the file is missing or damaged, two of its tensors are renamed
   *     alike, or one that would fit is of a type that is not read: the network is as before then.
   *     Also if the disk fails half-way: some of the tensors may be the file's then
   * @throws IllegalArgumentException if a layer to leave out is none of the network's
   */
  public WeightReport load(Network network) {
    return load(network, false);
  }

  /**
   * Loads the whole network, but for the layers {@link #without left out}; further tensors of the
   * file do not matter.
   *
   * @return what was loaded
   * @throws CheckpointException as {@link #load}, and if a tensor of the network is not in the file
   *     or has another shape there; the network is as before then
   */
  public WeightReport loadAll(Network network) {
    return load(network, true);
  }

  private WeightReport load(Network network, boolean all) {
    requireLayers(network);
    try (SafeTensors input = Checkpoint.open(file)) {
      input.verify();
      Map<String, String> sources = sources(input);
      Map<String, Tensor> state = network.state();
      Set<String> unused = new LinkedHashSet<>(sources.values());
      List<String> fitting = new ArrayList<>();
      List<String> skipped = new ArrayList<>();
      List<WeightReport.Difference> different = new ArrayList<>();
      List<String> missing = new ArrayList<>();
      for (Map.Entry<String, Tensor> entry : state.entrySet()) {
        String name = entry.getKey();
        String source = sources.get(name);
        Shape shape = entry.getValue().shape();
        unused.remove(source);
        if (leftOut.contains(layerOf(name))) {
          skipped.add(name);
        } else if (source == null) {
          missing.add(name);
        } else if (!input.shape(source).equals(shape)) {
          different.add(new WeightReport.Difference(name, shape, input.shape(source)));
        } else {
          input.require(source, shape);
          fitting.add(name);
        }
      }
      WeightReport report =
          new WeightReport(fitting, skipped, different, missing, List.copyOf(unused));
      if (all && !report.complete()) {
        throw new CheckpointException(file, "does not fit the network: " + report);
      }
      for (String name : fitting) {
        input.read(sources.get(name), state.get(name));
      }
      network.weightsChanged();
      return report;
    } catch (IOException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  private void requireLayers(Network network) {
    List<String> layers = network.graph().layers().stream().map(Node::name).toList();
    for (String layer : leftOut) {
      if (!layers.contains(layer)) {
        throw new IllegalArgumentException(
            "the network has no layer '%s' to leave out: %s"
                .formatted(layer, String.join(", ", layers)));
      }
    }
  }

  /** The names in the file by those they stand for here. */
  private Map<String, String> sources(SafeTensors input) {
    Map<String, String> sources = new LinkedHashMap<>();
    for (String source : input.names()) {
      if (source.startsWith(Checkpoint.OPTIMIZER)) {
        continue;
      }
      String name = renamed(source);
      String other = sources.put(name, source);
      if (other != null) {
        throw new CheckpointException(
            file, "both '%s' and '%s' stand for '%s'".formatted(other, source, name));
      }
    }
    return sources;
  }

  private String renamed(String source) {
    String whole = names.get(source);
    if (whole != null) {
      return whole;
    }
    String layer = layerOf(source);
    return names.getOrDefault(layer, layer) + source.substring(layer.length());
  }

  private static String layerOf(String tensor) {
    return tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
  }
}
