package io.alexnet.train;

import io.alexnet.graph.Network;
import io.alexnet.kernels.Arithmetic;
import io.alexnet.layer.Parameter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a table of {@link ParameterNorms} in a CSV file, with a header: a row for each parameter
 * and epoch, whose figures are taken behind the epoch's last step. A resumed training keeps the
 * rows of the epochs done; where the file is missing or damaged, the table begins with the next
 * epoch.
 *
 * <p>Throws {@link UncheckedIOException} if the file cannot be written; the message names it.
 */
public final class CsvNorms implements TrainingListener {

  private static final Logger LOG = LoggerFactory.getLogger(CsvNorms.class);

  private static final String NORMS = "a training's norms";

  private final Path file;
  private final Network network;
  private final List<Parameter> parameters;
  private final Arithmetic[] arithmetic;
  private final double[] gradients;

  /**
   * The usual name is {@code norms.csv}; missing folders are made.
   *
   * @param network that is trained
   */
  public CsvNorms(Path file, Network network) {
    this.file = file;
    this.network = network;
    this.parameters = network.parameters();
    this.arithmetic =
        parameters.stream()
            .map(parameter -> network.kernels().arithmetic(parameter.value().size()))
            .toArray(Arithmetic[]::new);
    this.gradients = new double[arithmetic.length];
  }

  /**
   * The norms in such a file.
   *
   * @throws UncheckedIOException if it cannot be read or is not such a file; the message names it
   */
  public static List<ParameterNorms> read(Path file) {
    Map<String, String> names = new HashMap<>(); // the same in each epoch
    return CsvTable.read(
        file, ParameterNorms.CSV_HEADER, NORMS, line -> ParameterNorms.ofCsv(line, names));
  }

  @Override
  public void onStart(List<EpochRecord> earlier, int epochs) {
    // As a whole: what was measured of the earlier epochs is nowhere else.
    CsvTable.begin(
        file,
        ParameterNorms.CSV_HEADER,
        !earlier.isEmpty() && Files.exists(file) ? rowsUpTo(earlier.size()) : List.of());
    Arrays.fill(gradients, Double.NaN);
  }

  /** Up to where the file is damaged, as by a crash: no reason to refuse a training. */
  private List<String> rowsUpTo(int epoch) {
    List<String> rows = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    try {
      CsvTable.forEachLine(
          file,
          ParameterNorms.CSV_HEADER,
          NORMS,
          line -> {
            if (ParameterNorms.ofCsv(line, names).epoch() <= epoch) {
              rows.add(line);
            }
          });
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{}: the norms behind line {} are lost: {}", file, rows.size() + 1, e.getMessage());
    }
    return rows;
  }

  /** Measures at the end of the epoch's training, while the gradients are those of the step. */
  @Override
  public void onStep(Progress progress) {
    if (progress.batch() < progress.batches()) {
      return;
    }
    for (int i = 0; i < arithmetic.length; i++) {
      Parameter parameter = parameters.get(i);
      gradients[i] =
          parameter.trainable()
              ? progress.gradientScale()
                  * norm(i, parameter.gradient().array(), parameter.gradient().offset())
              : Double.NaN;
    }
  }

  @Override
  public void onEpoch(EpochRecord record, Evaluation validation) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < arithmetic.length; i++) {
      Parameter parameter = parameters.get(i);
      double weight = norm(i, parameter.value().array(), parameter.value().offset());
      lines.add(new ParameterNorms(record.epoch(), parameter.name(), weight, gradients[i]).toCsv());
    }
    CsvTable.append(file, lines);
    Arrays.fill(gradients, Double.NaN);
  }

  private double norm(int parameter, float[] array, int offset) {
    return Math.sqrt(arithmetic[parameter].squaredNorm(network.team(), array, offset));
  }
}
