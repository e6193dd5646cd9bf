package io.alexnet.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.nio.file.Path;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of how many images a second several machines train on. */
final class ScalingPicture {

  private static final Color[] COLORS = {
    new Color(0x999999),
    new Color(0xd62728),
    new Color(0xe8710a),
    new Color(0x1f77b4),
    new Color(0x5a9e5a),
    new Color(0x9467bd)
  };

  private ScalingPicture() {}

  /**
   * Draws into a PNG file.
   *
   * @param speeds images a second by the number of machines, for each way to train; six at most, in
   *     the order of the legend
   */
  static void draw(double[] machines, Map<String, double[]> speeds, Path file) {
    XYChart chart =
        new XYChartBuilder()
            .width(1000)
            .height(620)
            .title("Images a second on several machines, computed")
            .xAxisTitle("machines")
            .yAxisTitle("images/s")
            .build();
    XYStyler style = chart.getStyler();
    style.setXAxisLogarithmic(true);
    style.setYAxisLogarithmic(true);
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    style.setChartTitleBoxVisible(false);
    style.setChartBackgroundColor(Color.WHITE).setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false).setChartPadding(16);
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setLegendPosition(LegendPosition.InsideNW).setLegendBorderColor(Color.WHITE);
    int color = 0;
    for (Map.Entry<String, double[]> way : speeds.entrySet()) {
      XYSeries series = chart.addSeries(way.getKey(), machines, way.getValue());
      series.setLineColor(COLORS[color]).setLineStyle(new BasicStroke(2));
      series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(COLORS[color]);
      color++;
    }
    PngFile.write(chart, file);
  }
}
