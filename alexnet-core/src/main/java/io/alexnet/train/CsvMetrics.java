package io.alexnet.train;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps a table of the epochs in a CSV file, with a header; a figure that there is not is empty. A
 * resumed training begins the file again with the rows of the epochs done, so none is repeated.
 * Each row is written out before the next epoch begins.
 *
 * <p>Throws {@link UncheckedIOException} if the file cannot be written.
 */
public final class CsvMetrics implements TrainingListener {

  private final Path file;

  /** The usual name is {@code metrics.csv}; missing folders are made. */
  public CsvMetrics(Path file) {
    this.file = file;
  }

  /**
   * The epochs in such a file.
   *
   * @throws UncheckedIOException if it cannot be read or is not such a file; the message names it
   */
  public static List<EpochRecord> read(Path file) {
    return CsvTable.read(file, EpochRecord.CSV_HEADER, "a training's metrics", EpochRecord::ofCsv);
  }

  @Override
  public void onStart(List<EpochRecord> earlier, int epochs) {
    CsvTable.begin(file, EpochRecord.CSV_HEADER, earlier.stream().map(EpochRecord::toCsv).toList());
  }

  @Override
  public void onEpoch(EpochRecord record, Evaluation validation) {
    CsvTable.append(file, List.of(record.toCsv()));
  }
}
