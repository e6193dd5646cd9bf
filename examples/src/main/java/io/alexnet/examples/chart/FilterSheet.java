package io.alexnet.examples.chart;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/**
 * The filters of a convolution as a picture, a tile for each, as figure 3 of Krizhevsky et al.,
 * "ImageNet Classification with Deep Convolutional Neural Networks", 2012, shows those of conv1.
 *
 * <p>Three channels are the red, green and blue of one tile, one channel is grey, and the tiles
 * stand in a grid in the order of the filters. With any other number of channels each filter is a
 * row of grey tiles, one for every channel.
 *
 * <p>Middle grey is 0. Each filter is scaled by its own largest magnitude: filters differ in it
 * tenfold, and on a common scale the weak ones, often those of colour, would all be grey. So the
 * pictures of two filters tell their patterns apart, not their strengths. Weights that are not
 * finite are magenta.
 */
public final class FilterSheet {

  private static final int GAP = 1;
  private static final long MOST_PIXELS = 100_000_000;
  private static final int MAGENTA = 0xff00ff;

  private final Tensor weights;
  private final int filters;
  private final int channels;
  private final int height;
  private final int width;
  private final int magnification;

  private FilterSheet(Tensor weights, int magnification) {
    Shape shape = weights.shape();
    this.weights = weights;
    this.magnification = magnification;
    filters = shape.dimension(0);
    channels = shape.dimension(1);
    height = shape.dimension(2);
    width = shape.dimension(3);
  }

  /**
   * @param weights [filters, channels, height, width]; of a grouped convolution the channels of one
   *     group
   * @param magnification the side of the square that is one weight, in pixels; the gaps between
   *     tiles and the margin are one pixel
   * @throws IllegalArgumentException if the tensor is of another rank, the magnification not
   *     positive, or the sheet would have more than 100 million pixels
   */
  public static BufferedImage draw(Tensor weights, int magnification) {
    requireFilters(weights.shape());
    if (magnification < 1) {
      throw new IllegalArgumentException(
          "the magnification of a sheet of filters must be at least 1, not " + magnification);
    }
    long width = sheetWidth(weights.shape(), magnification);
    long height = sheetHeight(weights.shape(), magnification);
    if (width > MOST_PIXELS / height) {
      throw new IllegalArgumentException(
          "a sheet of %s filters, magnified %d times, has %d×%d pixels, and %d million pixels is the limit"
              .formatted(weights.shape(), magnification, width, height, MOST_PIXELS / 1_000_000));
    }
    return new FilterSheet(weights, magnification).draw();
  }

  /**
   * The largest magnification with which a sheet is no wider and no higher than {@code side}
   * pixels; 1 if there is none.
   *
   * @param weights [filters, channels, height, width]
   */
  public static int magnificationWithin(Shape weights, int side) {
    requireFilters(weights);
    int magnification = 1;
    while (sheetWidth(weights, magnification + 1) <= side
        && sheetHeight(weights, magnification + 1) <= side) {
      magnification++;
    }
    return magnification;
  }

  private static void requireFilters(Shape weights) {
    if (weights.rank() != 4) {
      throw new IllegalArgumentException(
          "filters are [filters, channels, height, width], not " + weights);
    }
  }

  private static boolean isOneTile(int channels) {
    return channels == 1 || channels == 3;
  }

  /** In tiles: the fullest grid that is about as wide as high, rather wider. */
  private static int columns(Shape weights) {
    if (!isOneTile(weights.dimension(1))) {
      return weights.dimension(1);
    }
    int filters = weights.dimension(0);
    double square = Math.sqrt(filters);
    for (int columns = (int) Math.ceil(square); columns <= 3 * square; columns++) {
      if (filters % columns == 0) {
        return columns;
      }
    }
    return (int) Math.ceil(square);
  }

  private static int rows(Shape weights) {
    return isOneTile(weights.dimension(1))
        ? (weights.dimension(0) - 1) / columns(weights) + 1
        : weights.dimension(0);
  }

  private static long sheetWidth(Shape weights, int magnification) {
    return columns(weights) * ((long) weights.dimension(3) * magnification + GAP) + GAP;
  }

  private static long sheetHeight(Shape weights, int magnification) {
    return rows(weights) * ((long) weights.dimension(2) * magnification + GAP) + GAP;
  }

  private BufferedImage draw() {
    Shape shape = weights.shape();
    BufferedImage sheet =
        new BufferedImage(
            (int) sheetWidth(shape, magnification),
            (int) sheetHeight(shape, magnification),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.dispose();
    int columns = columns(shape);
    for (int filter = 0; filter < filters; filter++) {
      float scale = largestMagnitude(filter);
      if (channels == 3) {
        drawTile(sheet, filter / columns, filter % columns, filter, new int[] {0, 1, 2}, scale);
      } else if (channels == 1) {
        drawTile(sheet, filter / columns, filter % columns, filter, new int[] {0, 0, 0}, scale);
      } else {
        for (int channel = 0; channel < channels; channel++) {
          drawTile(sheet, filter, channel, filter, new int[] {channel, channel, channel}, scale);
        }
      }
    }
    return sheet;
  }

  private float largestMagnitude(int filter) {
    float largest = 0;
    int size = channels * height * width;
    int begin = weights.offset() + filter * size;
    for (int i = begin; i < begin + size; i++) {
      float magnitude = Math.abs(weights.array()[i]);
      if (magnitude > largest && magnitude < Float.POSITIVE_INFINITY) {
        largest = magnitude;
      }
    }
    return largest;
  }

  /**
   * @param rgb the channels that are the tile's red, green and blue
   */
  private void drawTile(
      BufferedImage sheet, int row, int column, int filter, int[] rgb, float scale) {
    int left = GAP + column * (width * magnification + GAP);
    int top = GAP + row * (height * magnification + GAP);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int color = color(filter, rgb, y, x, scale);
        for (int i = 0; i < magnification; i++) {
          for (int j = 0; j < magnification; j++) {
            sheet.setRGB(left + x * magnification + j, top + y * magnification + i, color);
          }
        }
      }
    }
  }

  private int color(int filter, int[] rgb, int y, int x, float scale) {
    int color = 0;
    for (int channel : rgb) {
      float weight = weights.get(filter, channel, y, x);
      if (!Float.isFinite(weight)) {
        return MAGENTA;
      }
      float relative = scale == 0 ? 0 : weight / scale;
      color = color << 8 | Math.round(127.5f + 127.5f * relative);
    }
    return color;
  }
}
