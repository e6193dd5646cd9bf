package io.alexnet.bench;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.loss.Loss;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.AlexNet;
import io.alexnet.zoo.CudaConvNet;
import io.alexnet.zoo.SmallAlexNet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Where the time of a step goes, of the ungrouped AlexNet or another network of the zoo, layer by
 * layer and pass by pass, and at what share of the peak that the same threads reach in the same
 * run. The kernels are timed while the network calls them one after the other, so caches are as
 * they are in a training.
 */
@Command(
    name = "StepBreakdown",
    mixinStandardHelpOptions = true,
    description = "Times every kernel of a training step, or of an inference.")
public final class StepBreakdown implements Runnable {

  enum Model {
    ALEXNET(227),
    ALEXNET_UNGROUPED(227),
    ALEXNET_BN(224),
    CUDA_CONVNET(24),
    SMALL(28);

    private final int size;

    Model(int size) {
      this.size = size;
    }

    Graph graph(int size, boolean lrn) {
      return switch (this) {
        case ALEXNET -> AlexNet.paper().lrn(lrn).imageSize(size).graph();
        case ALEXNET_UNGROUPED -> AlexNet.ungrouped().lrn(lrn).imageSize(size).graph();
        case ALEXNET_BN -> AlexNet.kerasBatchNorm().lrn(lrn).imageSize(size).graph();
        case CUDA_CONVNET -> CudaConvNet.fiveLayers(3, size).lrn(lrn).graph();
        case SMALL -> SmallAlexNet.of(1, size).lrn(lrn).graph();
      };
    }
  }

  @Option(names = "--model", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}.")
  private Model model = Model.ALEXNET_UNGROUPED;

  @Option(names = "--batch", description = "Images; ${DEFAULT-VALUE}.")
  private int batch = 64;

  @Option(names = "--threads", description = "${DEFAULT-VALUE} unless given.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--lrn", arity = "1", description = "With local response normalisation; true.")
  private boolean lrn = true;

  @Option(names = "--size", description = "Pixels of an image's side; by the model.")
  private Integer size;

  @Option(names = "--steps", description = "Measured, after as many to warm up; ${DEFAULT-VALUE}.")
  private int steps = 15;

  @Option(names = "--infer", description = "Inference instead of training.")
  private boolean infer;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Also draws the speed of every layer into this PNG file.")
  private Path plot;

  @Spec private CommandSpec spec;

  StepBreakdown() {}

  public static void main(String[] args) {
    Program.run(new StepBreakdown(), args);
  }

  @Override
  public void run() {
    require(batch >= 1, "--batch must be at least 1, not " + batch);
    require(threads >= 1, "--threads must be at least 1, not " + threads);
    require(steps >= 1, "--steps must be at least 1, not " + steps);
    require(
        !infer || model != Model.ALEXNET_BN,
        "--infer folds ALEXNET_BN's batch norms away, so that kernels have no layer to be named by");
    if (plot != null) {
      Program.requireWritable(spec, "--plot", plot);
    }
    Graph graph = graph();
    double peak = peak();
    TimedKernels timed = new TimedKernels(Kernels.best());
    try (Network network =
        Network.builder(graph).threads(threads).kernels(timed.kernels()).build()) {
      timed.follow(graph, !infer);
      Runnable step = infer ? inference(network) : training(network, timed);
      List<Long> nanos = new ArrayList<>();
      for (int i = 0; i < 2 * steps; i++) {
        long start = System.nanoTime();
        step.run();
        nanos.add(System.nanoTime() - start);
        timed.endStep();
      }
      double median = TimedKernels.medianMillis(nanos.subList(steps, 2 * steps));
      List<TimedKernels.Row> rows = timed.rows(steps);
      print(rows, median, peak);
      if (plot != null) {
        LayerPicture.draw(title(), rows, peak, plot);
      }
    }
  }

  private void require(boolean holds, String message) {
    Program.require(spec, holds, message);
  }

  private Graph graph() {
    int side = size == null ? model.size : size;
    try {
      return model.graph(side, lrn);
    } catch (IllegalArgumentException e) { // which layer it is too small for
      String message = "--size %d: %s".formatted(side, e.getMessage());
      throw new ParameterException(spec.commandLine(), message, e);
    }
  }

  private Tensor images(Network network) {
    Tensor images = Tensor.zeros(network.inputShape().prepend(batch));
    Random random = new Random(1);
    for (int i = 0; i < images.size(); i++) {
      images.array()[i] = (float) random.nextGaussian();
    }
    return images;
  }

  private Runnable inference(Network network) {
    network.weightsConstant(true);
    Tensor images = images(network);
    return () -> network.infer(images);
  }

  private Runnable training(Network network, TimedKernels timed) {
    Tensor images = images(network);
    int classes = network.outputShape().size();
    int[] labels = new int[batch];
    Arrays.setAll(labels, n -> n % classes);
    Tensor dLogits = Tensor.zeros(batch, classes);
    Loss.Bound loss =
        new SoftmaxCrossEntropy().bind(network.kernels(), network.team(), batch, classes);
    Optimizer.Bound optimizer =
        Sgd.momentum(0.9f)
            .weightDecay(5e-4f)
            .bind(network.parameters(), network.kernels(), network.team());
    long[] step = {0};
    return () -> {
      Tensor logits = network.forward(images, step[0]);
      loss.compute(logits, labels, 1f / batch, dLogits);
      timed.beginBackward();
      network.backward(dLogits, false);
      optimizer.update(++step[0], 0.001f, 1);
    };
  }

  /**
   * Billions of operations a second that all threads reach together: the best of ten tries. Calls
   * are short, so that C2 compiles the loop as a whole, and come before any kernel: compiled while
   * under way, or after the vector operations by themselves, the loop may box its vectors.
   */
  private double peak() {
    try (ThreadTeam team = new ThreadTeam(threads)) {
      return peak(team);
    }
  }

  private static double peak(ThreadTeam team) {
    int calls = 20_000;
    int rounds = 1_000;
    float[] results = new float[team.size()];
    double best = 0;
    for (int i = 0; i < 10; i++) {
      long start = System.nanoTime();
      team.run(
          team.size(),
          (piece, worker) -> {
            for (int n = 0; n < calls; n++) {
              results[piece] += PeakBenchmark.multiplyAdds(rounds, 0.999f, 0.001f);
            }
          });
      double flops = PeakBenchmark.FLOPS * calls * rounds * team.size();
      best = Math.max(best, flops / (System.nanoTime() - start));
    }
    return best;
  }

  private String title() {
    return "%s of %s, batch %d, %d threads, %s"
        .formatted(
            infer ? "Inference" : "Training step", model, batch, threads, Kernels.best().name());
  }

  private void print(List<TimedKernels.Row> rows, double stepMillis, double peak) {
    System.out.printf(
        Locale.ROOT,
        "%s, %s LRN: %.1f ms a step, %.1f images/s; peak %.0f GFLOP/s%n%n",
        title(),
        lrn ? "with" : "without",
        stepMillis,
        batch / stepMillis * 1e3,
        peak);
    System.out.println(
        "| layer | forward, ms | of peak | data, ms | of peak | weights, ms | of peak |");
    System.out.println("|---|---|---|---|---|---|---|");
    double sum = 0;
    for (TimedKernels.Row row : rows) {
      StringBuilder line = new StringBuilder("| ").append(row.layer()).append(" |");
      for (TimedKernels.Phase phase : TimedKernels.Phase.values()) {
        TimedKernels.Cost cost = row.costs().get(phase);
        if (cost == null) {
          line.append(" | |");
          continue;
        }
        sum += cost.millis();
        line.append(String.format(Locale.ROOT, " %.2f | ", cost.millis()));
        if (cost.flops() > 0) {
          line.append(String.format(Locale.ROOT, "%.0f %% ", 100 * cost.gflops() / peak));
        }
        line.append("|");
      }
      System.out.println(line);
    }
    System.out.printf(Locale.ROOT, "%nAll kernels: %.1f ms%n", sum);
  }
}
