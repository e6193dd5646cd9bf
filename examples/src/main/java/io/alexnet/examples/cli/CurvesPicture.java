package io.alexnet.examples.cli;

import io.alexnet.examples.chart.EpochChart;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a picture of loss and top-1 accuracy over the epochs, those before a resume included. A
 * picture that cannot be drawn is told once in the log and ends no training.
 */
final class CurvesPicture implements TrainingListener {

  private static final Logger LOG = LoggerFactory.getLogger(CurvesPicture.class);

  private final Path file;
  private final List<EpochRecord> epochs = new ArrayList<>();
  private boolean failed;

  CurvesPicture(Path file) {
    this.file = file;
  }

  @Override
  public void onStart(List<EpochRecord> earlier, int epochs) {
    this.epochs.clear();
    this.epochs.addAll(earlier);
  }

  @Override
  public void onEpoch(EpochRecord record, Evaluation validation) {
    epochs.add(record);
    if (failed) {
      return;
    }
    try {
      draw(epochs, file);
    } catch (IOException | RuntimeException | Error e) { // a JDK without fonts throws any of these
      failed = true;
      LOG.warn("{} is not drawn: {}", file, e.toString());
    }
  }

  /** Draws the epochs, at least one, into a PNG file, which is replaced as a whole. */
  static void draw(List<EpochRecord> epochs, Path file) throws IOException {
    int last = epochs.get(epochs.size() - 1).epoch();
    EpochChart loss = new EpochChart("Loss", "cross-entropy", last);
    add(loss, "training", 0, epochs, EpochRecord::trainLoss);
    add(loss, "validation", 1, epochs, EpochRecord::validationLoss);
    EpochChart top1 = new EpochChart("Top-1 accuracy", "%", last).upTo(100);
    add(top1, "training", 0, epochs, epoch -> 100 * epoch.trainTop1());
    add(top1, "validation", 1, epochs, epoch -> 100 * epoch.validationTop1());
    EpochChart.write(file, loss, top1);
  }

  /** A curve of the epochs that have the figure; none if no epoch has it. */
  private static void add(
      EpochChart chart,
      String name,
      int color,
      List<EpochRecord> epochs,
      ToDoubleFunction<EpochRecord> figure) {
    List<EpochRecord> known =
        epochs.stream().filter(epoch -> Double.isFinite(figure.applyAsDouble(epoch))).toList();
    double[] x = known.stream().mapToDouble(EpochRecord::epoch).toArray();
    double[] y = known.stream().mapToDouble(figure).toArray();
    chart.curve(name, color, x, y);
  }
}
