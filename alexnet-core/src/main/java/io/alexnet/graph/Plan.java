package io.alexnet.graph;

import io.alexnet.kernels.Arithmetic;
import io.alexnet.kernels.ConvCost;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Kernels;
import io.alexnet.layer.Binding;
import io.alexnet.layer.Buffer;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.Indices;
import io.alexnet.layer.Layer;
import io.alexnet.layer.Layer.BufferUse;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.Pass;
import io.alexnet.layer.Run;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a network runs one batch size, in training or in inference: which buffers exist, which share
 * memory, by which algorithms the layers compute, and the bytes of it all. {@link #toString()}
 * prints it.
 *
 * <p>The steps of a plan over n nodes are numbered: node i computes its output at time i and, in
 * training, its gradients at time 2n − 1 − i. A buffer is needed from the step that writes it to
 * the last one that reads it, and two buffers share memory if those spans do not meet ({@link
 * Storage}) or if the layer between them works in place.
 */
public final class Plan {

  private record Accumulation(Arithmetic arithmetic, Buffer sum, Buffer summand) {}

  private final Graph graph;
  private final int batch;
  private final boolean training;
  private final int threads;
  private final List<LayerValues> values;
  private final ConstantWeights constantWeights;
  private final Set<String> kept;

  private final boolean[] differentiated;
  private final Buffer[] outputs;
  private final Buffer[] gradients;
  private final Storage[] outputStorages;
  private final Storage[] gradientStorages;
  private final Indices[] indices;
  private final Pass[] passes;
  private final List<List<Accumulation>> accumulations = new ArrayList<>();

  private final List<Storage> storages = new ArrayList<>();
  private final List<Integer> slots;
  private final int workspace;
  private final List<PlannedConvolution> plannedConvolutions;

  /**
   * Outputs of the last layer, those that are kept, and in training those that the backward pass
   * reads of the layer that gave them; in their places, null for all others.
   */
  private final Tensor[] keptOutputs;

  /** The gradient of the images; null if it was not asked for. */
  private Tensor inputGradient;

  /**
   * @param inputGradient whether the gradient of the images is wanted
   * @param constantWeights what to compute with in place of the values; null if these may change
   * @param kept layers whose outputs are still there when the run is over
   * @param values of every node, in order; the first is empty
   */
  Plan(
      Graph graph,
      int batch,
      boolean training,
      boolean inputGradient,
      List<LayerValues> values,
      Kernels kernels,
      ConvolutionChoice convolutions,
      ConstantWeights constantWeights,
      Set<String> kept,
      int threads) {
    this.graph = graph;
    this.batch = batch;
    this.training = training;
    this.threads = threads;
    this.values = values;
    this.constantWeights = constantWeights;
    this.kept = kept;
    int n = graph.nodes().size();
    differentiated = new boolean[n];
    outputs = new Buffer[n];
    gradients = new Buffer[n];
    outputStorages = new Storage[n];
    gradientStorages = new Storage[n];
    indices = new Indices[n];
    passes = new Pass[n];
    keptOutputs = new Tensor[n];
    if (training) {
      findDifferentiated(inputGradient);
    }
    placeOutputs();
    List<List<Buffer>> inputGradients = placeGradients(kernels);
    slots = Storage.assignSlots(storages);
    int most = 0;
    for (Node node : graph.layers()) {
      int i = node.index();
      passes[i] =
          Graph.named(node.name(), () -> bind(node, inputGradients.get(i), kernels, convolutions));
      most = Math.max(most, Graph.named(node.name(), () -> passes[i].workspace(threads)));
      for (Accumulation accumulation : accumulations.get(i)) {
        most = Math.max(most, accumulation.arithmetic.workspace(threads));
      }
    }
    workspace = most;
    plannedConvolutions = describeConvolutions(kernels);
  }

  /** A node takes part in the backward pass if it, or anything before it, is to be learnt. */
  private void findDifferentiated(boolean inputGradient) {
    differentiated[0] = inputGradient;
    for (Node node : graph.layers()) {
      differentiated[node.index()] =
          values.get(node.index()).parameters().values().stream().anyMatch(Parameter::trainable)
              || node.inputs().stream().anyMatch(input -> differentiated[input.index()]);
    }
  }

  private int backwardTime(int index) {
    return 2 * graph.nodes().size() - 1 - index;
  }

  private int end() {
    return 2 * graph.nodes().size();
  }

  private Set<BufferUse> use(Node node) {
    return computed(node).bufferUse(training);
  }

  private boolean folded(Node node) {
    return constantWeights != null && constantWeights.folded(node);
  }

  /**
   * The node's layer; in place of a batch norm that a convolution took in, one that does nothing.
   */
  private Layer computed(Node node) {
    return folded(node) ? new Flatten() : node.layer();
  }

  private void placeOutputs() {
    int[] lastRead = new int[outputs.length];
    lastRead[outputs.length - 1] = end(); // the caller reads it
    for (Node node : graph.layers()) {
      int i = node.index();
      boolean keepsInput = differentiated[i] && use(node).contains(BufferUse.KEEPS_INPUT);
      for (Node input : node.inputs()) {
        int read = keepsInput ? backwardTime(i) : i;
        lastRead[input.index()] = Math.max(lastRead[input.index()], read);
      }
      if (keepsOutput(node)) {
        lastRead[i] = Math.max(lastRead[i], backwardTime(i));
      }
      if (kept.contains(node.name())) {
        lastRead[i] = end();
      }
    }
    outputs[0] = new Buffer(graph.inputShape().prepend(batch)); // the caller's: in no storage
    for (Node node : graph.layers()) {
      int i = node.index();
      outputs[i] = Graph.named(node.name(), () -> new Buffer(node.shape().prepend(batch)));
      outputStorages[i] = mayShareInput(node) ? storageOfFirstInput(node) : newStorage();
      outputStorages[i].add(outputs[i], i, lastRead[i]);
    }
  }

  private boolean keepsOutput(Node node) {
    return differentiated[node.index()] && use(node).contains(BufferUse.KEEPS_OUTPUT);
  }

  private boolean mayShareInput(Node node) {
    Storage storage = storageOfFirstInput(node);
    if (storage == null) {
      return false; // the caller's images
    }
    if (use(node).contains(BufferUse.VIEW)) {
      return true;
    }
    boolean nobodyElseReadsIt =
        storage.dies() <= node.index()
            && node.inputs().stream().skip(1).noneMatch(other -> storage == storageOf(other));
    return use(node).contains(BufferUse.IN_PLACE) && nobodyElseReadsIt;
  }

  private Storage storageOfFirstInput(Node node) {
    return storageOf(node.inputs().get(0));
  }

  private Storage storageOf(Node node) {
    return outputStorages[node.index()];
  }

  private Storage newStorage() {
    Storage storage = new Storage();
    storages.add(storage);
    return storage;
  }

  /**
   * Makes the gradients' buffers, last node first. The first of a node's readers to go backward
   * writes the node's gradient; each further one writes a summand of its own that is then added.
   *
   * @return for each node the gradients of its inputs, null where none is needed
   */
  private List<List<Buffer>> placeGradients(Kernels kernels) {
    int n = graph.nodes().size();
    List<List<Buffer>> inputGradients = new ArrayList<>();
    for (Node node : graph.nodes()) {
      inputGradients.add(new ArrayList<>());
      accumulations.add(new ArrayList<>());
    }
    if (differentiated[n - 1]) {
      gradients[n - 1] = new Buffer(outputs[n - 1].shape());
      gradientStorages[n - 1] = newStorage();
      gradientStorages[n - 1].add(gradients[n - 1], backwardTime(n - 1), backwardTime(n - 1));
    }
    for (int i = n - 1; i > 0; i--) {
      Node node = graph.nodes().get(i);
      for (int k = 0; k < node.inputs().size(); k++) {
        int source = node.inputs().get(k).index();
        if (!differentiated[source]) {
          inputGradients.get(i).add(null);
          continue;
        }
        Buffer gradient = new Buffer(outputs[source].shape());
        inputGradients.get(i).add(gradient);
        boolean inPlace = k == 0 && use(node).contains(BufferUse.GRADIENT_IN_PLACE);
        Storage storage = inPlace ? gradientStorages[i] : newStorage();
        if (gradients[source] == null) {
          gradients[source] = gradient;
          gradientStorages[source] = storage;
          storage.add(gradient, backwardTime(i), source == 0 ? end() : backwardTime(source));
        } else {
          storage.add(gradient, backwardTime(i), backwardTime(i));
          accumulations
              .get(i)
              .add(
                  new Accumulation(
                      kernels.arithmetic(gradient.size()), gradients[source], gradient));
        }
      }
    }
    return inputGradients;
  }

  private Pass bind(
      Node node, List<Buffer> inputGradients, Kernels kernels, ConvolutionChoice convolutions) {
    int i = node.index();
    LayerValues own = constantWeights == null ? values.get(i) : constantWeights.values(node);
    int kept = node.layer().indices(node.inputShapes());
    if (differentiated[i] && kept > 0) {
      indices[i] = new Indices(Math.multiplyExact(kept, batch));
    }
    return computed(node)
        .bind(
            new Binding(
                kernels,
                convolutions,
                constantWeights == null ? null : constantWeights.prepared(node),
                node.name(),
                batch,
                training,
                i,
                node.inputs().stream().map(input -> outputs[input.index()]).toList(),
                outputs[i],
                inputGradients,
                gradients[i],
                own.parameters(),
                own.state(),
                indices[i]));
  }

  private List<PlannedConvolution> describeConvolutions(Kernels kernels) {
    double time = 0;
    for (Node node : graph.layers()) {
      for (Map.Entry<ConvPass, Convolution.Pass> pass : convolutionsOf(node).entrySet()) {
        time += cost(kernels, pass).time();
      }
    }
    List<PlannedConvolution> planned = new ArrayList<>();
    for (Node node : graph.layers()) {
      for (Map.Entry<ConvPass, Convolution.Pass> pass : convolutionsOf(node).entrySet()) {
        Convolution.Pass kernel = pass.getValue();
        ConvCost cost = cost(kernels, pass);
        planned.add(
            new PlannedConvolution(
                node.name(),
                pass.getKey(),
                kernel.shape(),
                kernel.algorithm(),
                cost.multiplyAdds(),
                (long) kernel.workspace(threads) * Float.BYTES,
                cost.time() / time));
      }
    }
    return List.copyOf(planned);
  }

  private Map<ConvPass, Convolution.Pass> convolutionsOf(Node node) {
    return passes[node.index()].convolutions();
  }

  private static ConvCost cost(Kernels kernels, Map.Entry<ConvPass, Convolution.Pass> pass) {
    Convolution.Pass kernel = pass.getValue();
    return kernels.cost(kernel.shape(), pass.getKey(), kernel.algorithm());
  }

  public int batch() {
    return batch;
  }

  /** Whether it has a backward pass. */
  public boolean training() {
    return training;
  }

  /** Floats of each slot that this plan's buffers share, largest first. */
  List<Integer> slots() {
    return slots;
  }

  /** Integers that node i keeps. */
  int indices(int i) {
    return indices[i] == null ? 0 : indices[i].size();
  }

  int workspace() {
    return workspace;
  }

  /** Tells every buffer where it is; the arrays are at least as long as asked for. */
  void moveTo(List<float[]> slotArrays, int[][] indexArrays) {
    for (Storage storage : storages) {
      storage.moveTo(slotArrays.get(storage.slot()));
    }
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] != null) {
        indices[i].moveTo(indexArrays[i]);
      }
    }
    inputGradient = gradients[0] == null ? null : view(gradients[0]);
    for (Node node : graph.layers()) {
      if (kept.contains(node.name()) || keepsOutput(node)) {
        keptOutputs[node.index()] = view(outputs[node.index()]);
      }
    }
    keptOutputs[outputs.length - 1] = view(outputs[outputs.length - 1]);
  }

  private static Tensor view(Buffer buffer) {
    return Tensor.of(buffer.array(), buffer.offset(), buffer.shape());
  }

  /** The images are read where they are, in a training plan also by the backward pass. */
  Tensor forward(Tensor images, Run run) {
    outputs[0].moveTo(images.array(), images.offset());
    for (int i = 1; i < passes.length; i++) {
      passes[i].forward(run);
    }
    return keptOutputs[passes.length - 1];
  }

  void backward(Tensor outputGradient, Run run) {
    if (takeGradient(outputGradient)) {
      for (int i = passes.length - 1; i > 0; i--) {
        backward(i, run);
      }
    }
  }

  /** Whether there is anything to go backward through. */
  private boolean takeGradient(Tensor outputGradient) {
    int last = passes.length - 1;
    if (differentiated[last]) {
      System.arraycopy(
          outputGradient.array(),
          outputGradient.offset(),
          gradients[last].array(),
          gradients[last].offset(),
          gradients[last].size());
    }
    return differentiated[last];
  }

  private void backward(int i, Run run) {
    if (!differentiated[i]) {
      return;
    }
    passes[i].backward(run);
    List<Accumulation> sums = accumulations.get(i);
    for (int k = 0; k < sums.size(); k++) {
      Accumulation a = sums.get(k);
      a.arithmetic.add(
          run.team(),
          a.sum.array(),
          a.sum.offset(),
          a.summand.array(),
          a.summand.offset(),
          a.sum.array(),
          a.sum.offset());
    }
  }

  /** As {@link #forward}, up to the first node whose output is not finite; null if all are. */
  Node forwardWhileFinite(Tensor images, Run run) {
    outputs[0].moveTo(images.array(), images.offset());
    for (Node node : graph.layers()) {
      passes[node.index()].forward(run);
      if (!view(outputs[node.index()]).isFinite()) {
        return node;
      }
    }
    return null;
  }

  /**
   * As {@link #backward}, up to the first node that makes a gradient of an input or a parameter
   * that is not finite; null if all are.
   */
  Node backwardWhileFinite(Tensor outputGradient, Run run) {
    if (takeGradient(outputGradient)) {
      for (int i = passes.length - 1; i > 0; i--) {
        backward(i, run);
        if (!gradientsAreFinite(i)) {
          return graph.nodes().get(i);
        }
      }
    }
    return null;
  }

  private boolean gradientsAreFinite(int i) {
    return !differentiated[i]
        || graph.nodes().get(i).inputs().stream()
                .filter(input -> differentiated[input.index()])
                .allMatch(input -> view(gradients[input.index()]).isFinite())
            && values.get(i).parameters().values().stream()
                .filter(Parameter::trainable)
                .allMatch(parameter -> parameter.gradient().isFinite());
  }

  /**
   * What a node gave in the last run, if that was this plan's: see {@link Network#output}. Null if
   * it is not kept.
   */
  public Tensor keptOutput(Node node) {
    return keptOutputs[node.index()];
  }

  /** Null if it was not asked for. */
  Tensor inputGradient() {
    return inputGradient;
  }

  /** Of activations and, in training, their gradients; the images themselves are the caller's. */
  public long bufferBytes() {
    return slots.stream().mapToLong(Integer::longValue).sum() * Float.BYTES;
  }

  /** Of the integers that max pooling keeps for its backward pass. */
  public long indexBytes() {
    long count = 0;
    for (int i = 0; i < indices.length; i++) {
      count += indices(i);
    }
    return count * Integer.BYTES;
  }

  /** Of the scratch space that all kernels share. */
  public long workspaceBytes() {
    return (long) workspace * Float.BYTES;
  }

  /** Of parameters and state. */
  public long parameterBytes() {
    return parameterBytes(false)
        + values.stream()
                .flatMap(layer -> layer.state().values().stream())
                .mapToLong(Tensor::size)
                .sum()
            * Float.BYTES;
  }

  /** Of the gradients of trainable parameters; 0 in inference. */
  public long parameterGradientBytes() {
    return training ? parameterBytes(true) : 0;
  }

  private long parameterBytes(boolean trainableOnly) {
    return values.stream()
            .flatMap(layer -> layer.parameters().values().stream())
            .filter(parameter -> !trainableOnly || parameter.trainable())
            .mapToLong(parameter -> parameter.value().size())
            .sum()
        * Float.BYTES;
  }

  /** All of the above; the optimiser's own state is not in it. */
  public long totalBytes() {
    return bufferBytes()
        + indexBytes()
        + workspaceBytes()
        + parameterBytes()
        + parameterGradientBytes();
  }

  /** The passes of all convolutions, in the order of the layers and of {@link ConvPass}. */
  public List<PlannedConvolution> convolutions() {
    return plannedConvolutions;
  }

  /** A table of {@link #convolutions()}, and what memory they share. */
  public String convolutionSummary() {
    StringBuilder text = new StringBuilder();
    text.append(
        "Convolutions in %s, batch %d, %d threads\n"
            .formatted(training ? "training" : "inference", batch, threads));
    text.append(
        String.format(
            Locale.ROOT,
            "%-16s %-16s %-13s %14s %13s %12s %6s\n",
            "Layer",
            "Pass",
            "Algorithm",
            "Multiply-adds",
            "Direct GFLOP",
            "Workspace MB",
            "Share"));
    for (PlannedConvolution c : plannedConvolutions) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-16s %-16s %-13s %12.3f G %13.3f %12.1f %4.0f %%\n",
              c.layer(),
              c.pass(),
              c.algorithm(),
              c.multiplyAdds() / 1e9,
              c.shape().flops() / 1e9,
              c.workspaceBytes() / 1e6,
              100 * c.share()));
    }
    text.append("Share: of the convolutions' time, as the planner estimates it from the shapes\n");
    return text.append(
            String.format(
                Locale.ROOT,
                "Workspace: %.1f MB shared by all layers, the most that one kernel needs, not the"
                    + " sum\n%s: %.1f MB\n",
                workspaceBytes() / 1e6,
                training ? "Activations and their gradients" : "Activations",
                bufferBytes() / 1e6))
        .toString();
  }

  /** A table of the buffers and algorithms, and the bytes. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        "Plan for %s, batch %d, %d threads\n"
            .formatted(training ? "training" : "inference", batch, threads));
    String row = "%-16s %-20s %8s %8s  %s";
    text.append(row.formatted("Layer", "Output", "Buffer", "Gradient", "Algorithm")).append('\n');
    for (Node node : graph.layers()) {
      int i = node.index();
      Shape shape = outputs[i].shape();
      text.append(
              row.formatted(
                      node.name(),
                      shape,
                      slot(outputStorages[i]),
                      slot(gradientStorages[i]),
                      folded(node) ? "folded" : algorithms(node))
                  .stripTrailing())
          .append('\n');
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "%.1f MB: %.1f in %d buffers, %.1f indices, %.1f workspace, %.1f parameters, %.1f"
                    + " parameter gradients\n",
                totalBytes() / 1e6,
                bufferBytes() / 1e6,
                slots.size(),
                indexBytes() / 1e6,
                workspaceBytes() / 1e6,
                parameterBytes() / 1e6,
                parameterGradientBytes() / 1e6))
        .toString();
  }

  private String algorithms(Node node) {
    return convolutionsOf(node).values().stream()
        .map(convolution -> convolution.algorithm().name())
        .collect(Collectors.joining(" / "));
  }

  private static String slot(Storage storage) {
    return storage == null ? "-" : "#" + storage.slot();
  }
}
