package io.alexnet.graph;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.Run;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A {@link Graph} with values: parameters, state, buffers and threads to run it forward and
 * backward, at any batch size. Memory is taken when a batch size or a mode first comes up; after
 * that a run allocates nothing, if no more than four batch sizes take turns in a mode.
 *
 * <p>The same graph, seed and calls give the same bits with any number of threads. Used by one
 * thread at a time; to infer on several, see {@link #replica} and {@code
 * io.alexnet.predict.Predictor}.
 */
public final class Network implements AutoCloseable {

  /** AlexNet's order of size. Smaller networks are through their first steps sooner. */
  private static final long WORTH_WARMING_UP = 1 << 25;

  /**
   * In each mode. A plan and its kernels hold on to the images that they saw last, those of a batch
   * of 64 for AlexNet 40 MB; one that was forgotten takes half a millisecond to make again.
   */
  private static final int MOST_PLANS = 4;

  private final Graph graph;
  private final long seed;
  private final Kernels kernels;
  private final boolean inputGradient;
  private final ThreadTeam team;
  private final boolean ownsTeam;

  private final List<LayerValues> values;
  private final List<Parameter> parameters;
  private final boolean[] plannedTrainable;

  /** In the order of their last use. */
  private final List<Plan> plans = new ArrayList<>();

  private final Arena arena;
  private final CurrentRun run = new CurrentRun();

  /** The training plan whose forward pass was the last run of all; null if there is none. */
  private Plan awaitingBackward;

  private Tensor lastInputGradient;

  private ConvolutionChoice convolutions;

  /** Null unless parameters and state were declared constant. */
  private ConstantWeights constantWeights;

  private Set<String> keptOutputs = Set.of();

  /** The plan of the last run if that was an inference; null otherwise. */
  private Plan inferred;

  /** Whether parameters and state are another network's. */
  private final boolean replica;

  private Network(Builder builder) {
    replica = false;
    values = new ArrayList<>();
    graph = builder.graph;
    seed = builder.seed;
    kernels = builder.kernels == null ? Kernels.best() : builder.kernels;
    convolutions = fitting(builder.convolutions);
    inputGradient = builder.inputGradient;
    ownsTeam = builder.team == null;
    team = ownsTeam ? new ThreadTeam(builder.threads) : builder.team;
    try {
      if (builder.skipInitialization) {
        fill(false);
      } else {
        initialize();
      }
    } catch (Throwable t) {
      close(); // nobody else can
      throw t;
    }
    parameters = values.stream().flatMap(layer -> layer.parameters().values().stream()).toList();
    plannedTrainable = new boolean[parameters.size()];
    Arrays.fill(plannedTrainable, true);
    arena = new Arena(graph.nodes().size());
  }

  private Network(Network original, int threads) {
    replica = true;
    values = original.values;
    graph = original.graph;
    seed = original.seed;
    kernels = original.kernels;
    convolutions = original.convolutions;
    inputGradient = false;
    ownsTeam = true;
    parameters = original.parameters;
    plannedTrainable = original.plannedTrainable.clone();
    arena = new Arena(graph.nodes().size());
    constantWeights = original.constantWeights;
    keptOutputs = original.keptOutputs;
    team = new ThreadTeam(threads); // last: nothing can fail after it
  }

  /**
   * One thread draws, a second or two for AlexNet's weights, and another has the kernels compiled
   * that the first training step will need. A team that was handed in may be at work for another
   * network.
   */
  private void initialize() {
    ThreadTeam.Task task =
        (piece, worker) -> {
          if (piece == 0) {
            fill(true);
          } else {
            kernels.warmUp();
          }
        };
    if (ownsTeam && team.size() > 1 && parameterCount() >= WORTH_WARMING_UP) {
      team.run(2, task);
    } else {
      fill(true);
    }
  }

  private void fill(boolean initialize) {
    values.add(new LayerValues(Map.of(), Map.of()));
    for (Node node : graph.layers()) {
      values.add(LayerValues.of(node, initialize, seed));
    }
  }

  private long parameterCount() {
    return graph.layers().stream()
        .flatMap(node -> node.parameters().stream())
        .mapToLong(spec -> spec.shape().size())
        .sum();
  }

  /** A network on the best kernels and all processors. */
  public static Network of(Graph graph, long seed) {
    return builder(graph).seed(seed).build();
  }

  /** For a network with other options than {@link #of}. */
  public static Builder builder(Graph graph) {
    return new Builder(graph);
  }

  /**
   * A network over the parameters and state of this one, to infer at the same time: it has buffers,
   * kernels and threads of its own, and is closed on its own. If the weights were declared constant
   * here, both compute with the same prepared ones. It computes convolutions and keeps outputs as
   * this one does at present.
   *
   * <p>It cannot be trained. While one of the two runs, the other must not change the weights. From
   * its first run on it takes {@link Plan#bufferBytes} and {@link Plan#workspaceBytes}, and what
   * little its kernels keep for themselves.
   *
   * @param threads that it starts and owns, the caller's included
   */
  public Network replica(int threads) {
    return new Network(this, threads);
  }

  public Graph graph() {
    return graph;
  }

  /** Of one image: (channels, height, width). */
  public Shape inputShape() {
    return graph.inputShape();
  }

  /** Throws {@link IllegalArgumentException} if this is not a batch of {@link #inputShape}. */
  public void requireInput(Tensor images) {
    if (!images.shape().isBatchOf(inputShape())) {
      throw new IllegalArgumentException(
          "the network takes images of shape batch×%s, not %s"
              .formatted(inputShape(), images.shape()));
    }
  }

  /** For one image: (classes), in the nets of the zoo. */
  public Shape outputShape() {
    return graph.outputShape();
  }

  public Kernels kernels() {
    return kernels;
  }

  /** Free for other work between this network's runs. */
  public ThreadTeam team() {
    return team;
  }

  /** What parameters and dropout masks were and are drawn from. */
  public long seed() {
    return seed;
  }

  /** In the order of the layers. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /**
   * Those that a pattern picks, by {@link Graph#parameterNames}.
   *
   * @throws IllegalArgumentException if it picks none
   */
  public List<Parameter> parameters(String pattern) {
    Set<String> names = Set.copyOf(graph.parameterNames(pattern));
    return parameters.stream().filter(parameter -> names.contains(parameter.name())).toList();
  }

  /**
   * Freezes parameters, as {@code freeze("conv*")}: training leaves them as they are, computes no
   * gradient of them, and goes backward no further than the first layer that still learns. A frozen
   * batch norm normalises with its running statistics, which stay; dropout drops as ever. {@link
   * #thaw} lets them learn again.
   *
   * @param patterns see {@link Graph#parameterNames}
   * @throws IllegalArgumentException if one picks none; nothing is frozen then
   */
  public void freeze(String... patterns) {
    setTrainable(false, patterns);
  }

  /**
   * Undoes {@link #freeze} of these parameters.
   *
   * @param patterns see {@link Graph#parameterNames}
   * @throws IllegalArgumentException if one picks none; nothing is thawed then
   */
  public void thaw(String... patterns) {
    setTrainable(true, patterns);
  }

  private void setTrainable(boolean trainable, String... patterns) {
    List<Parameter> picked =
        Arrays.stream(patterns).map(this::parameters).flatMap(List::stream).toList();
    picked.forEach(parameter -> parameter.trainable(trainable));
  }

  /**
   * All that makes up a trained network, by name and in the order of the layers: the values of
   * parameters, as {@code conv1.weight}, and what layers remember, as {@code bn1.running_mean}. The
   * tensors are the network's own: writing to them loads it.
   */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Node node : graph.layers()) {
      LayerValues layer = values.get(node.index());
      layer.parameters().values().forEach(p -> state.put(p.name(), p.value()));
      layer.state().forEach((name, tensor) -> state.put(node.name() + "." + name, tensor));
    }
    return state;
  }

  /**
   * Of {@link #state}, what a training changes: trainable parameters, and what layers that have
   * such remember.
   */
  public Map<String, Tensor> learningState() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Node node : graph.layers()) {
      LayerValues layer = values.get(node.index());
      List<Parameter> learning =
          layer.parameters().values().stream().filter(Parameter::trainable).toList();
      learning.forEach(p -> state.put(p.name(), p.value()));
      if (!learning.isEmpty()) {
        layer.state().forEach((name, tensor) -> state.put(node.name() + "." + name, tensor));
      }
    }
    return state;
  }

  /**
   * Runs a batch in training: dropout drops, batch norm uses and learns the batch's statistics.
   *
   * @param images (batch, channels, height, width); to be left as they are until after {@link
   *     #backward}
   * @param step decides the dropout masks; give every batch its own
   * @return the output, (batch, classes); the network's own, valid until the next call
   * @throws IllegalArgumentException if the images are not of the network's shape, or are its own
   *     output, which the call would write over
   * @throws IllegalStateException if the weights were declared constant, or this is a {@link
   *     #replica}
   */
  public Tensor forward(Tensor images, long step) {
    Plan plan = readyToTrain(images, step);
    Tensor output = plan.forward(images, run);
    awaitingBackward = plan;
    return output;
  }

  /**
   * @throws IllegalStateException if the weights were declared constant, or this is a {@link
   *     #replica}
   */
  public void requireTrainable() {
    if (replica) {
      throw new IllegalStateException("a network's replica cannot be trained, only the original");
    }
    if (weightsConstant()) {
      throw new IllegalStateException(
          "the network's weights were declared constant: call weightsConstant(false) to train it");
    }
  }

  private Plan readyToTrain(Tensor images, long step) {
    requireTrainable();
    Plan plan = ready(images, true);
    awaitingBackward = null;
    inferred = null;
    run.step = step;
    return plan;
  }

  /**
   * Runs the batch of the last {@link #forward} backward and sets {@link Parameter#gradient()} of
   * every trainable parameter.
   *
   * @param outputGradient the loss's gradient by the output, of its shape; only read
   * @param accumulate adds to the parameters' gradients instead of overwriting them
   * @throws IllegalArgumentException if the gradient is not of the output's shape
   * @throws IllegalStateException if the last run was not a forward pass in training
   */
  public void backward(Tensor outputGradient, boolean accumulate) {
    Plan plan = planGoingBackward(outputGradient, accumulate);
    plan.backward(outputGradient, run);
    lastInputGradient = plan.inputGradient();
  }

  private Plan planGoingBackward(Tensor outputGradient, boolean accumulate) {
    if (awaitingBackward == null) {
      throw new IllegalStateException(
          "a backward pass must follow its own forward pass in training");
    }
    Plan plan = awaitingBackward;
    if (!outputGradient.shape().isBatchOf(outputShape())
        || outputGradient.shape().dimension(0) != plan.batch()) {
      throw new IllegalArgumentException(
          "the output's gradient must be of shape %s, not %s"
              .formatted(outputShape().prepend(plan.batch()), outputGradient.shape()));
    }
    awaitingBackward = null; // its buffers are used up
    run.accumulate = accumulate;
    return plan;
  }

  /**
   * Runs a batch in inference: dropout does nothing, batch norm uses its running statistics.
   *
   * @param images (batch, channels, height, width)
   * @return the output, (batch, classes); the network's own, valid until the next call
   * @throws IllegalArgumentException if the images are not of the network's shape, or are its own
   *     output, which the call would write over
   */
  public Tensor infer(Tensor images) {
    Plan plan = ready(images, false);
    awaitingBackward = null;
    Tensor output = plan.forward(images, run);
    inferred = plan;
    return output;
  }

  /**
   * From now on {@link #infer} keeps what these layers compute, for {@link #output}; the last
   * layer's output is always there. Each takes memory of its own, since later layers cannot write
   * over it. Training is not concerned, but it ends the wait for a backward pass. Constant weights
   * are prepared anew if these are other layers than before.
   *
   * @throws IllegalArgumentException if there is no layer of such a name
   */
  public void keepOutputs(Collection<String> layers) {
    layers.forEach(graph::layer);
    Set<String> kept = Set.copyOf(layers);
    if (!kept.equals(keptOutputs)) {
      keptOutputs = kept;
      weightsConstant(weightsConstant()); // no batch norm may be folded into what is kept
    }
  }

  /**
   * What a layer gave in the last run: (batch, channels, height, width) or (batch, features). The
   * network's own, valid until the next call.
   *
   * <p>After an inference, of the last layer and of those among {@link #keepOutputs}; between
   * forward and backward, of the last layer and of activations that the backward pass goes through.
   *
   * @throws IllegalArgumentException if there is no such layer, or its output was not kept
   * @throws IllegalStateException if the last run was a backward pass, or there was none
   */
  public Tensor output(String layer) {
    Node node = graph.layer(layer);
    Plan last = inferred == null ? awaitingBackward : inferred;
    if (last == null) {
      throw new IllegalStateException(
          "outputs of layers are there after infer, or after forward until backward");
    }
    Tensor output = last.keptOutput(node);
    if (output == null) {
      throw new IllegalArgumentException(
          "the output of layer '%s' was not kept: name it to keepOutputs before infer%s"
              .formatted(
                  layer, last.training() ? "; in training only activations' outputs are" : ""));
    }
    return output;
  }

  /**
   * Runs a batch in training once more, as far as numbers are finite: to find out where a loss or a
   * gradient became NaN or infinite. Batch norm learns the batch's statistics a second time.
   *
   * @param images see {@link #forward}
   * @param step see {@link #forward}
   * @return the first layer whose output is not finite; null if all are, and {@link
   *     #firstNonFiniteGradient} may follow
   * @throws IllegalArgumentException as {@link #forward}
   * @throws IllegalStateException as {@link #forward}
   */
  public String firstNonFiniteOutput(Tensor images, long step) {
    Plan plan = readyToTrain(images, step);
    Node node = plan.forwardWhileFinite(images, run);
    awaitingBackward = node == null ? plan : null;
    return node == null ? null : node.name();
  }

  /**
   * Goes backward as {@link #backward} does, as far as numbers are finite; leaves no {@link
   * #inputGradient}.
   *
   * @return the first layer, counted from the last one of the network, that makes a gradient of its
   *     inputs or parameters that is not finite; null if there is none
   * @throws IllegalArgumentException if the gradient is not of the output's shape
   * @throws IllegalStateException if the last run was not a forward pass in training
   */
  public String firstNonFiniteGradient(Tensor outputGradient) {
    lastInputGradient = null;
    Node node = planGoingBackward(outputGradient, false).backwardWhileFinite(outputGradient, run);
    return node == null ? null : node.name();
  }

  /**
   * The loss's gradient by the images of the last backward pass, of their shape; valid until the
   * next call.
   *
   * @throws IllegalStateException if there was no backward pass, or {@link
   *     Builder#inputGradient(boolean)} did not ask for it
   */
  public Tensor inputGradient() {
    if (lastInputGradient == null) {
      throw new IllegalStateException(
          "no gradient of the images: build the network with inputGradient(true) and run backward");
    }
    return lastInputGradient;
  }

  /** The layers with their output shapes and parameter counts, as Keras prints them. */
  public String summary() {
    Map<String, Parameter> byName =
        parameters.stream().collect(Collectors.toMap(Parameter::name, Function.identity()));
    return Summary.of(graph, name -> byName.get(name).trainable());
  }

  /**
   * What a run of this batch size needs. Takes none of the memory that it tells of.
   *
   * @throws IllegalArgumentException if the batch is under 1, or one that a layer cannot take
   */
  public Plan plan(int batch, boolean training) {
    if (batch < 1) {
      throw new IllegalArgumentException("the batch size must be at least 1, not " + batch);
    }
    forgetPlansIfFrozenOtherwise();
    for (int i = 0; i < plans.size(); i++) {
      Plan plan = plans.get(i);
      if (plan.batch() == batch && plan.training() == training) {
        return plan;
      }
    }
    return new Plan(
        graph,
        batch,
        training,
        inputGradient,
        values,
        kernels,
        convolutions,
        training ? null : constantWeights,
        training ? Set.of() : keptOutputs,
        team.size());
  }

  /**
   * Declares whether parameters and state stay as they are from now on. If so, convolutions keep
   * their weights in the form that they compute with, where they otherwise prepare them again for
   * every batch: for a single image that is a third of the time. As preparing them costs nothing
   * then, another algorithm may be the fastest ({@link io.alexnet.kernels.ConvPass#INFERENCE}).
   * Batch norms behind a convolution, or in front of one without padding, are folded into a copy of
   * its weights, unless {@link #keepOutputs} asks for the layer whose output that would change.
   * Results differ by the rounding of both. Until it is called with {@code false}, {@link #forward}
   * throws. Unless set, parameters and state may change at any time; if they change although they
   * were declared constant, call {@link #weightsChanged}, or convolutions go on with what they
   * kept.
   *
   * <p>It takes memory beside the plan's, for AlexNet up to seven times a convolution's weights, in
   * each form that a batch size brings with it; batch sizes and {@linkplain #replica replicas}
   * share the forms. Ends the wait for a backward pass.
   */
  public void weightsConstant(boolean constant) {
    constantWeights = constant ? new ConstantWeights(graph, values, keptOutputs) : null;
    forgetPlans();
  }

  /**
   * To be called when parameters or state were written to although they may have been declared
   * constant: convolutions then prepare their weights anew, and these are the constant ones from
   * now on. Does nothing if they were not. A {@link #replica} made before goes on with what was
   * kept.
   */
  public void weightsChanged() {
    if (weightsConstant()) {
      weightsConstant(true);
    }
  }

  /** Bytes of what convolutions made of the constant weights so far; 0 if they are not constant. */
  public long preparedWeightsBytes() {
    return constantWeights == null ? 0 : constantWeights.bytes();
  }

  /** Whether parameters and state were declared constant. */
  public boolean weightsConstant() {
    return constantWeights != null;
  }

  /** By which algorithms the convolutions are computed. */
  public ConvolutionChoice convolutions() {
    return convolutions;
  }

  /**
   * From now on computes the convolutions so; ends the wait for a backward pass.
   *
   * @throws IllegalArgumentException if the choice is tuned and names a layer that is no
   *     convolution of this network
   */
  public void convolutions(ConvolutionChoice choice) {
    convolutions = fitting(choice);
    forgetPlans();
  }

  /**
   * Measures on this machine which algorithm is the fastest for each convolution and pass in
   * training, and computes by these from now on. Takes seconds, and while it runs the memory of the
   * largest convolution; the network's values are left alone. The result depends on the machine and
   * the moment: for the same bits again keep it and hand it to {@link Builder#convolutions}, as
   * checkpoints do.
   *
   * @param batch the batch size to measure with
   * @return what was chosen
   */
  public ConvolutionChoice tuneConvolutions(int batch) {
    convolutions(ConvolutionTuner.tune(plan(batch, true).convolutions(), kernels, team));
    return convolutions;
  }

  private ConvolutionChoice fitting(ConvolutionChoice choice) {
    for (String key : choice.algorithms().keySet()) {
      String layer = ConvolutionChoice.layerOf(key);
      if (graph.layers().stream()
          .noneMatch(node -> node.name().equals(layer) && node.layer() instanceof Conv2d)) {
        throw new IllegalArgumentException(
            "choice of convolutions: the network has no convolution '" + layer + "'");
      }
    }
    return choice;
  }

  private Plan ready(Tensor images, boolean training) {
    requireInput(images);
    if (arena.has(images.array())) {
      throw new IllegalArgumentException(
          "the images are this network's own output, which it would overwrite: hand in a copy");
    }
    Plan plan = plan(images.shape().dimension(0), training);
    if (!plans.remove(plan)) {
      makeRoom(plan);
      forgetLongestUnused(training);
      arena.move(plan);
    }
    plans.add(plan); // last, as the one used last
    return plan;
  }

  private void forgetLongestUnused(boolean training) {
    List<Plan> alike = plans.stream().filter(plan -> plan.training() == training).toList();
    if (alike.size() == MOST_PLANS) {
      plans.remove(alike.get(0));
    }
  }

  private void forgetPlans() {
    plans.clear();
    awaitingBackward = null;
    inferred = null;
    lastInputGradient = null;
  }

  private void makeRoom(Plan plan) {
    if (arena.holds(plan)) {
      return;
    }
    forgetPlans(); // they would hold on to the arrays that are replaced
    try {
      arena.grow(plan);
    } catch (OutOfMemoryError e) {
      throw new OutOfMemoryError(
          "%s with batch %d needs %d MB of memory in all: choose a smaller batch or give java more with -Xmx"
              .formatted(
                  plan.training() ? "training" : "inference",
                  plan.batch(),
                  plan.totalBytes() / 1_000_000));
    }
  }

  /** A plan's backward pass goes as far as parameters were trainable when it was made. */
  private void forgetPlansIfFrozenOtherwise() {
    for (int i = 0; i < plannedTrainable.length; i++) {
      boolean trainable = parameters.get(i).trainable();
      if (plannedTrainable[i] != trainable) {
        plannedTrainable[i] = trainable;
        plans.clear();
      }
    }
  }

  /** Ends the threads that the network started; a team that was handed in stays open. */
  @Override
  public void close() {
    if (ownsTeam) {
      team.close();
    }
  }

  private final class CurrentRun implements Run {
    private long step;
    private boolean accumulate;

    @Override
    public ThreadTeam team() {
      return team;
    }

    @Override
    public float[] workspace() {
      return arena.workspace();
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public long step() {
      return step;
    }

    @Override
    public boolean accumulate() {
      return accumulate;
    }
  }

  /** Options of a network. */
  public static final class Builder {
    private final Graph graph;
    private long seed;
    private int threads = Runtime.getRuntime().availableProcessors();
    private ThreadTeam team;
    private Kernels kernels;
    private ConvolutionChoice convolutions = ConvolutionChoice.AUTO;
    private boolean inputGradient;
    private boolean skipInitialization;

    private Builder(Graph graph) {
      this.graph = graph;
    }

    /** Of parameters and dropout; 0 unless set. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Threads that the network starts and owns, the caller's included; all processors unless set.
     */
    public Builder threads(int threads) {
      this.threads = threads;
      this.team = null;
      return this;
    }

    /** A team that the caller keeps and closes, to share between networks that take turns. */
    public Builder team(ThreadTeam team) {
      this.team = team;
      return this;
    }

    /** {@link Kernels#best()} unless set. */
    public Builder kernels(Kernels kernels) {
      this.kernels = kernels;
      return this;
    }

    /**
     * By which algorithms convolutions are computed; {@link ConvolutionChoice#AUTO} unless set. To
     * measure them, see {@link Network#tuneConvolutions}.
     */
    public Builder convolutions(ConvolutionChoice choice) {
      this.convolutions = choice;
      return this;
    }

    /** Whether {@link Network#inputGradient()} is wanted; costs one more backward computation. */
    public Builder inputGradient(boolean wanted) {
      this.inputGradient = wanted;
      return this;
    }

    /**
     * Leaves parameters 0, for weights that are loaded before the network is used: it takes seconds
     * to draw AlexNet's and to prepare for a training.
     */
    public Builder skipInitialization() {
      this.skipInitialization = true;
      return this;
    }

    /** Makes the network with fresh parameters. */
    public Network build() {
      return new Network(this);
    }
  }
}
