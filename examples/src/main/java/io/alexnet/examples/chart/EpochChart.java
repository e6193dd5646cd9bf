package io.alexnet.examples.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of figures over the epochs of trainings, in the style of all our pictures. */
public final class EpochChart {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;
  private static final int PADDING = 16;
  private static final Font LEGEND_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);

  /** In a legend: beside a name its line and some room, and from one name below another. */
  private static final int LEGEND_LINE = 60;

  private static final int LEGEND_ROW = 24;
  private static final FontRenderContext TEXT = new FontRenderContext(null, true, true);
  private static final int TICKED_WIDTH = 600;
  private static final int MARKED_EPOCHS = 40;
  private static final Color GRID = new Color(0xe3e3e3);
  private static final Color INK = new Color(0x333333);
  private static final Color[] COLORS = {
    new Color(0x1f77b4), new Color(0xe8710a), new Color(0x2ca02c), new Color(0xc5202a),
    new Color(0x8a5fbf), new Color(0x7a5548), new Color(0xd457ae), new Color(0x6b6b6b)
  };

  private final XYChart chart;
  private final int epochs;

  /**
   * @param unit of the figures
   * @param epochs where the axis ends, at least 1
   */
  public EpochChart(String title, String unit, int epochs) {
    this.epochs = epochs;
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle(unit)
            .build();
    XYStyler style = chart.getStyler();
    style.setXAxisMin(0.0).setXAxisMax((double) epochs).setYAxisMin(0.0);
    // Ticks at least an epoch apart, so that each is a whole number.
    style.setXAxisTickMarkSpacingHint(Math.max(60, TICKED_WIDTH / epochs));
    style.setXAxisDecimalPattern("0");
    style.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setAxisTickLabelsColor(INK).setAxisTickMarksColor(INK);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18)).setChartFontColor(INK);
    style.setChartTitleBoxVisible(false);
    style.setChartBackgroundColor(Color.WHITE).setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false).setChartPadding(PADDING);
    style.setLegendFont(LEGEND_FONT);
    style.setLegendPosition(LegendPosition.OutsideS);
    style.setLegendBorderColor(Color.WHITE);
    style.setMarkerSize(6);
  }

  /** Where the axis of the figures ends; at the largest of them unless set. */
  public EpochChart upTo(double figure) {
    chart.getStyler().setYAxisMax(figure);
    return this;
  }

  /**
   * A curve with an entry in the legend; nothing if there are no figures.
   *
   * @param color a number; the same always gives the same colour
   */
  public EpochChart curve(String name, int color, double[] epoch, double[] figure) {
    if (epoch.length > 0) {
      XYSeries series = series(name, color, 2.5f, epoch, figure);
      if (epochs <= MARKED_EPOCHS) {
        series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(COLORS[color % COLORS.length]);
      }
    }
    return this;
  }

  /** A thin curve without an entry in the legend: one of several trainings that belong together. */
  public EpochChart thinCurve(String name, int color, double[] epoch, double[] figure) {
    if (epoch.length > 0) {
      series(name, color, 0.8f, epoch, figure).setShowInLegend(false);
    }
    return this;
  }

  private XYSeries series(String name, int color, float width, double[] epoch, double[] figure) {
    XYSeries series = chart.addSeries(name, epoch, figure);
    series.setLineColor(COLORS[color % COLORS.length]).setLineStyle(new BasicStroke(width));
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }

  /** Draws charts side by side into a PNG file, which is replaced as a whole. */
  public static void write(Path file, EpochChart... charts) throws IOException {
    int rows = Arrays.stream(charts).mapToInt(EpochChart::layOutLegend).max().orElseThrow();
    int height = HEIGHT + (rows - 1) * LEGEND_ROW;
    BufferedImage all =
        new BufferedImage(charts.length * WIDTH, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < charts.length; i++) {
      Graphics2D graphics = all.getSubimage(i * WIDTH, 0, WIDTH, height).createGraphics();
      charts[i].chart.paint(graphics, WIDTH, height);
      graphics.dispose();
    }
    PngFile.write(all, file);
  }

  /**
   * Names stand beside one another if there is room, else below one another.
   *
   * @return the number of rows
   */
  private int layOutLegend() {
    List<String> names =
        chart.getSeriesCollection().stream()
            .filter(XYSeries::isShowInLegend)
            .map(XYSeries::getName)
            .toList();
    double width =
        names.stream()
            .mapToDouble(name -> LEGEND_LINE + LEGEND_FONT.getStringBounds(name, TEXT).getWidth())
            .sum();
    boolean inOneRow = width <= WIDTH - 2 * PADDING;
    chart.getStyler().setLegendLayout(inOneRow ? LegendLayout.Horizontal : LegendLayout.Vertical);
    return inOneRow ? 1 : names.size();
  }
}
