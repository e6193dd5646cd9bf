package io.alexnet.examples.chart;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * What one layer makes of an image: a grid of grey tiles, one for each channel, under a title. A
 * layer behind a flatten is one tile of squares, a square for each feature.
 *
 * <p>All tiles of a layer have one scale, so a channel that finds nothing is dark: if no value is
 * negative, black is 0 and white the largest, else middle grey is 0 and white or black the largest
 * magnitude. What stands for the largest is the 99.9th percentile, since a single peak would leave
 * the rest dark. Values that are not finite are magenta.
 */
public final class ActivationSheet {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 500;
  private static final int GAP = 2;
  private static final int MARGIN = 12;
  private static final int LARGEST_SQUARE = 16;

  /** How far from the wanted width a full grid may be, as a factor. */
  private static final double FULL_ENOUGH = 1.6;

  private static final int TITLE_HEIGHT = 30;
  private static final int MAGENTA = 0xff00ff;
  private static final double BRIGHTEST = 0.999;
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);
  private static final Color INK = new Color(0x333333);
  private static final Color BETWEEN = new Color(0x4a6a8a);

  private ActivationSheet() {}

  /**
   * @param layer its name, for the title
   * @param output of one image: (channels, height, width) or (features)
   */
  public static BufferedImage draw(String layer, Tensor output) {
    Shape shape = output.shape();
    if (shape.rank() != 3 && shape.rank() != 1) {
      throw new IllegalArgumentException(
          "the output of a layer is (channels, height, width) or (features), not " + shape);
    }
    boolean maps = shape.rank() == 3;
    int tiles = maps ? shape.dimension(0) : 1;
    int width = maps ? shape.dimension(2) : (int) Math.ceil(Math.sqrt(2.0 * shape.size()));
    int height = maps ? shape.dimension(1) : (shape.size() - 1) / width + 1;
    int columns = columns(tiles, width, height);
    int rows = (tiles - 1) / columns + 1;
    int fitting = Math.min((WIDTH / columns - GAP) / width, (HEIGHT / rows - GAP) / height);
    int square = Math.max(1, Math.min(LARGEST_SQUARE, fitting));

    int gridWidth = columns * (width * square + GAP) + GAP;
    int gridHeight = rows * (height * square + GAP) + GAP;
    BufferedImage sheet =
        new BufferedImage(
            Math.max(WIDTH, gridWidth) + 2 * MARGIN,
            MARGIN + TITLE_HEIGHT + gridHeight + MARGIN,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.setColor(INK);
    graphics.setFont(TITLE);
    graphics.drawString(layer + "   " + shape, MARGIN, MARGIN + 16);
    graphics.setColor(BETWEEN); // no grey, so that it is none of the tiles'
    for (int tile = 0; tile < tiles; tile++) {
      graphics.fillRect(
          MARGIN + tile % columns * (width * square + GAP),
          MARGIN + TITLE_HEIGHT + tile / columns * (height * square + GAP),
          width * square + 2 * GAP,
          height * square + 2 * GAP);
    }
    graphics.dispose();

    float[] values = output.toArray();
    Scale scale = Scale.of(values);
    for (int i = 0; i < values.length; i++) {
      int tile = i / (width * height);
      int x = MARGIN + GAP + tile % columns * (width * square + GAP) + i % width * square;
      int y =
          MARGIN
              + TITLE_HEIGHT
              + GAP
              + tile / columns * (height * square + GAP)
              + i / width % height * square;
      fill(sheet, x, y, square, scale.color(values[i]));
    }
    return sheet;
  }

  /** Tiles in a row: the grid is about twice as wide as high, and full if that can be had. */
  private static int columns(int tiles, int width, int height) {
    double wanted = Math.sqrt(2.0 * tiles * height / width);
    int nearest = 0;
    for (int columns = 1; columns <= tiles; columns++) {
      if (tiles % columns == 0 && off(columns, wanted) <= off(nearest, wanted)) {
        nearest = columns;
      }
    }
    return off(nearest, wanted) < FULL_ENOUGH
        ? nearest
        : Math.max(1, Math.min(tiles, (int) Math.round(wanted)));
  }

  private static double off(int columns, double wanted) {
    return Math.max(columns / wanted, wanted / columns);
  }

  private static void fill(BufferedImage sheet, int left, int top, int side, int color) {
    for (int y = top; y < top + side; y++) {
      for (int x = left; x < left + side; x++) {
        sheet.setRGB(x, y, color);
      }
    }
  }

  /**
   * @param zero grey level of 0, from 0 to 255
   * @param largest the value that is white
   */
  private record Scale(float zero, float largest) {

    static Scale of(float[] values) {
      float[] finite = new float[values.length];
      int count = 0;
      boolean negative = false;
      for (float value : values) {
        if (Float.isFinite(value)) {
          finite[count++] = Math.abs(value);
          negative |= value < 0;
        }
      }
      Arrays.sort(finite, 0, count);
      float largest = count == 0 ? 0 : finite[(int) Math.ceil((count - 1) * BRIGHTEST)];
      if (largest == 0 && count > 0) {
        largest = finite[count - 1];
      }
      return new Scale(negative ? 127.5f : 0, largest);
    }

    int color(float value) {
      if (!Float.isFinite(value)) {
        return MAGENTA;
      }
      float relative = largest == 0 ? 0 : Math.max(-1, Math.min(value / largest, 1));
      return Math.round(zero + (255 - zero) * relative) * 0x010101;
    }
  }
}
