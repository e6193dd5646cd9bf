package io.alexnet.examples.cli;

import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.TrainingListener;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a picture of loss and top-1 accuracy over the epochs, those before a resume included. A
 * picture that cannot be drawn is told once in the log and ends no training.
 */
final class CurvesPicture implements TrainingListener {

  private static final Logger LOG = LoggerFactory.getLogger(CurvesPicture.class);

  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;
  private static final int TICKED_WIDTH = 600;
  private static final int MARKED_EPOCHS = 40;
  private static final Color TRAINING = new Color(0x1f77b4);
  private static final Color VALIDATION = new Color(0xe8710a);
  private static final Color GRID = new Color(0xe3e3e3);
  private static final Color INK = new Color(0x333333);

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
    XYChart loss = chart("Loss", "cross-entropy", epochs);
    add(loss, "training", TRAINING, epochs, EpochRecord::trainLoss);
    add(loss, "validation", VALIDATION, epochs, EpochRecord::validationLoss);
    XYChart top1 = chart("Top-1 accuracy", "%", epochs);
    add(top1, "training", TRAINING, epochs, epoch -> 100 * epoch.trainTop1());
    add(top1, "validation", VALIDATION, epochs, epoch -> 100 * epoch.validationTop1());
    top1.getStyler().setYAxisMax(100.0);

    BufferedImage both = new BufferedImage(2 * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = both.createGraphics();
    graphics.drawImage(BitmapEncoder.getBufferedImage(loss), 0, 0, null);
    graphics.drawImage(BitmapEncoder.getBufferedImage(top1), WIDTH, 0, null);
    graphics.dispose();

    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      // XChart's own way to a stream goes by a cache file, for which ImageIO adds a shutdown hook:
      // refused while the JVM shuts down after Ctrl-C.
      try (OutputStream out = Files.newOutputStream(part);
          ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
        ImageIO.write(both, "png", png);
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static XYChart chart(String title, String unit, List<EpochRecord> epochs) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle(unit)
            .build();
    int last = epochs.get(epochs.size() - 1).epoch();
    XYStyler style = chart.getStyler();
    style.setXAxisMin(0.0).setXAxisMax((double) last).setYAxisMin(0.0);
    // Ticks at least an epoch apart, so that each is a whole number.
    style.setXAxisTickMarkSpacingHint(Math.max(60, TICKED_WIDTH / last));
    style.setXAxisDecimalPattern("0");
    style.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setAxisTickLabelsColor(INK).setAxisTickMarksColor(INK);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18)).setChartFontColor(INK);
    style.setChartTitleBoxVisible(false);
    style.setChartBackgroundColor(Color.WHITE).setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false).setChartPadding(16);
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Horizontal);
    style.setLegendBorderColor(Color.WHITE);
    style.setMarkerSize(6);
    return chart;
  }

  /** A curve of the epochs that have the figure; none if no epoch has it. */
  private static void add(
      XYChart chart,
      String name,
      Color color,
      List<EpochRecord> epochs,
      ToDoubleFunction<EpochRecord> figure) {
    List<EpochRecord> known =
        epochs.stream().filter(epoch -> Double.isFinite(figure.applyAsDouble(epoch))).toList();
    if (known.isEmpty()) {
      return;
    }
    double[] x = known.stream().mapToDouble(EpochRecord::epoch).toArray();
    double[] y = known.stream().mapToDouble(figure).toArray();
    Marker marker = epochs.size() <= MARKED_EPOCHS ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE;
    XYSeries series = chart.addSeries(name, x, y);
    series.setLineColor(color).setLineStyle(new BasicStroke(2.5f));
    series.setMarker(marker).setMarkerColor(color);
  }
}
