package io.alexnet.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A picture of the speed of every layer that multiplies, pass by pass, against the peak. */
final class LayerPicture {

  private static final int WIDTH = 1100;
  private static final int HEIGHT = 560;
  private static final Color GRID = new Color(0xe3e3e3);
  private static final Color INK = new Color(0x333333);
  private static final Map<TimedKernels.Phase, String> NAMES =
      Map.of(
          TimedKernels.Phase.FORWARD, "forward",
          TimedKernels.Phase.BACKWARD_DATA, "backward, data",
          TimedKernels.Phase.BACKWARD_WEIGHTS, "backward, weights");
  private static final Map<TimedKernels.Phase, Color> COLORS =
      Map.of(
          TimedKernels.Phase.FORWARD, new Color(0x1f77b4),
          TimedKernels.Phase.BACKWARD_DATA, new Color(0xe8710a),
          TimedKernels.Phase.BACKWARD_WEIGHTS, new Color(0x5a9e5a));

  private LayerPicture() {}

  /**
   * Draws into a PNG file. Layers without operations to count are left out, and so are passes that
   * no layer has.
   *
   * @param peak in GFLOP/s
   */
  static void draw(String title, List<TimedKernels.Row> rows, double peak, Path file) {
    List<TimedKernels.Row> counted =
        rows.stream()
            .filter(row -> row.costs().values().stream().anyMatch(cost -> cost.flops() > 0))
            .toList();
    List<String> layers = counted.stream().map(TimedKernels.Row::layer).toList();
    CategoryChart chart = chart(title);
    double highest = peak;
    for (TimedKernels.Phase phase : TimedKernels.Phase.values()) {
      List<Double> speeds = counted.stream().map(row -> speed(row.costs().get(phase))).toList();
      if (speeds.stream().allMatch(Objects::isNull)) {
        continue;
      }
      chart.addSeries(NAMES.get(phase), layers, speeds).setFillColor(COLORS.get(phase));
      for (Double speed : speeds) {
        highest = Math.max(highest, speed == null ? 0 : speed);
      }
    }
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.1 * highest);
    chart.addAnnotation(new AnnotationLine(peak, false, false));
    String label = String.format(Locale.ROOT, "peak of these threads: %.0f GFLOP/s", peak);
    chart.addAnnotation(new AnnotationText(label, layers.size() - 1, peak + 0.03 * highest, false));
    PngFile.write(chart, file);
  }

  private static Double speed(TimedKernels.Cost cost) {
    return cost == null || cost.flops() == 0 ? null : (Double) cost.gflops();
  }

  private static CategoryChart chart(String title) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle("GFLOP/s, counted as the direct method's")
            .build();
    CategoryStyler style = chart.getStyler();
    style.setAvailableSpaceFill(0.8);
    style.setYAxisDecimalPattern("0");
    style.setPlotGridVerticalLinesVisible(false);
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
    style.setAnnotationLineColor(INK).setAnnotationLineStroke(new BasicStroke(2));
    style.setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setAnnotationTextFontColor(INK);
    return chart;
  }
}
