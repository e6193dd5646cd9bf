package io.alexnet.examples.experiment;

import io.alexnet.train.EpochRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Krizhevsky et al. 2012, figure 1: how many epochs a network of four layers takes on CIFAR-10 to a
 * training error of 25 %, with ReLU and with tanh. As there, nothing works against overfitting.
 * Each is tried at three learning rates about its best: the one that makes it fastest counts.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.ReluAgainstTanh \
 *     cifar10:cifar-10-binary.tar.gz runs/relu-against-tanh
 * </pre>
 */
public final class ReluAgainstTanh {

  private static final double ERROR = 0.25;

  private ReluAgainstTanh() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(
        experiment(ReluAgainstTanh.class, "--epochs", "16")
            .variant("ReLU, rate 0.003", relu("0.003"))
            .variant("ReLU, rate 0.01", relu("0.01"))
            .variant("ReLU, rate 0.03", relu("0.03"))
            .variant("tanh, rate 0.01", tanh("0.01"))
            .variant("tanh, rate 0.03", tanh("0.03"))
            .variant("tanh, rate 0.1", tanh("0.1"))
            .run(args));
  }

  /**
   * One with the figure's columns and curves but no variants yet.
   *
   * @param more arguments of {@code train} for every training
   */
  static Experiment experiment(Class<?> program, String... more) {
    List<String> common =
        new ArrayList<>(List.of("--model", "four-layers", "--no-lrn", "--weight-decay", "0"));
    common.addAll(List.of("--batch-size", "128", "--schedule", "constant"));
    common.addAll(List.of(more));
    return new Experiment(program, common.toArray(String[]::new))
        .column("epochs to 25 % training error", "%.1f", t -> epochsTo(ERROR, t.epochs()))
        .column("training error, last epoch, %", "%.1f", t -> 100 - 100 * t.last().trainTop1())
        .column("test error, last epoch, %", "%.1f", t -> 100 - 100 * t.last().validationTop1())
        .curve("Training error", epoch -> 1 - epoch.trainTop1())
        .curve("Test error", epoch -> 1 - epoch.validationTop1());
  }

  private static String[] relu(String rate) {
    return new String[] {"--activation", "relu", "--learning-rate", rate};
  }

  private static String[] tanh(String rate) {
    return new String[] {
      "--activation", "tanh", "--initializer", "glorot", "--learning-rate", rate
    };
  }

  /**
   * When the training error fell to this, in epochs: an epoch's error is the mean of its steps and
   * taken for the error at its middle; between two it goes along a line. NaN if it never did.
   */
  static double epochsTo(double error, List<EpochRecord> epochs) {
    double before = 1;
    for (EpochRecord epoch : epochs) {
      double now = 1 - epoch.trainTop1();
      if (now <= error) {
        return Math.max(0, epoch.epoch() - 1.5 + (before - error) / (before - now));
      }
      before = now;
    }
    return Double.NaN;
  }
}
