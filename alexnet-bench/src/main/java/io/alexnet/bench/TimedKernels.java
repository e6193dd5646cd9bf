package io.alexnet.bench;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Node;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.Kernel;
import io.alexnet.kernels.Kernels;
import io.alexnet.layer.Layer.BufferUse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Kernels that note how long each of their runs takes, by layer and phase. A network makes the
 * kernels of one layer after the other, beginning with the one that runs forward: so each is known
 * to belong to a layer of the graph that it {@linkplain #follow follows}.
 */
final class TimedKernels {

  /** When in a step a kernel runs. */
  enum Phase {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_WEIGHTS
  }

  /**
   * @param millis the median over the steps
   * @param flops in one step; 0 where they are not what takes the time
   */
  record Cost(double millis, double flops) {

    double gflops() {
      return flops / (millis * 1e6);
    }
  }

  /** A layer, or the loss, or the update of all parameters. */
  record Row(String layer, Map<Phase, Cost> costs) {}

  private static final class Timing {
    double flops;
    long inStep;
    final List<Long> steps = new ArrayList<>();
  }

  private final Kernels kernels;
  private final Map<String, Map<Phase, Timing>> timings = new LinkedHashMap<>();
  private Iterator<Node> layers;
  private String layer;
  private boolean backward;

  TimedKernels(Kernels kernels) {
    this.kernels = proxy(Kernels.class, (method, arguments) -> made(kernels, method, arguments));
  }

  Kernels kernels() {
    return kernels;
  }

  /** Names the kernels made from now on, for training or for inference, by this graph's layers. */
  void follow(Graph graph, boolean training) {
    // A layer whose output is but a view of its input makes no kernels.
    layers =
        graph.layers().stream()
            .filter(node -> !node.layer().bufferUse(training).contains(BufferUse.VIEW))
            .iterator();
  }

  /** The runs to come in this step are of the backward pass, or of the update. */
  void beginBackward() {
    backward = true;
  }

  /**
   * Throws {@link IllegalStateException} if a layer has made no kernel: those behind it are counted
   * to others then.
   */
  void endStep() {
    if (layers.hasNext()) {
      throw new IllegalStateException(
          "no kernel is known to be the first of layer '%s'".formatted(layers.next().name()));
    }
    backward = false;
    for (Map<Phase, Timing> phases : timings.values()) {
      for (Timing timing : phases.values()) {
        timing.steps.add(timing.inStep);
        timing.inStep = 0;
      }
    }
  }

  /**
   * @param skipped steps that do not count
   */
  List<Row> rows(int skipped) {
    List<Row> rows = new ArrayList<>();
    timings.forEach(
        (name, phases) -> {
          Map<Phase, Cost> costs = new EnumMap<>(Phase.class);
          phases.forEach(
              (phase, timing) -> {
                List<Long> counted = timing.steps.subList(skipped, timing.steps.size());
                costs.put(phase, new Cost(medianMillis(counted), timing.flops));
              });
          rows.add(new Row(name, costs));
        });
    return rows;
  }

  static double medianMillis(List<Long> nanos) {
    return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElse(0L) * 1e-6;
  }

  private interface Call {
    Object of(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              try {
                return call.of(method, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private Object made(Kernels kernels, Method method, Object[] arguments) throws Throwable {
    Object result = method.invoke(kernels, arguments);
    if (!(result instanceof Kernel)) {
      return result;
    }
    String name = nameOf(method.getName());
    double flops = 0;
    if (arguments[0] instanceof ConvShape shape) {
      flops = shape.flops();
    } else if (arguments[0] instanceof DenseShape shape) {
      flops = shape.flops();
    }
    double operations = flops;
    return proxy(
        method.getReturnType(),
        (called, values) -> {
          if (!called.getName().equals("run")) {
            return called.invoke(result, values);
          }
          long start = System.nanoTime();
          Object nothing = called.invoke(result, values);
          long nanos = System.nanoTime() - start;
          Timing timing =
              timings
                  .computeIfAbsent(name, n -> new EnumMap<>(Phase.class))
                  .computeIfAbsent(phase(method.getName()), p -> new Timing());
          timing.inStep += nanos;
          timing.flops = operations;
          return nothing;
        });
  }

  private String nameOf(String kernel) {
    switch (kernel) {
      case "softmaxCrossEntropy":
        return "loss";
      case "sgd":
        return "update";
      default:
        if (kernel.endsWith("Forward")
            || kernel.endsWith("Training")
            || kernel.endsWith("Inference")
            || kernel.equals("dropout")) {
          layer = layers.next().name();
        }
        return layer;
    }
  }

  private Phase phase(String kernel) {
    if (!backward) {
      return Phase.FORWARD;
    }
    return kernel.endsWith("BackwardWeights") || kernel.equals("sgd")
        ? Phase.BACKWARD_WEIGHTS
        : Phase.BACKWARD_DATA;
  }
}
