package io.alexnet.examples.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Images and those most like them, as figure 4 (right) of Krizhevsky et al., "ImageNet
 * Classification with Deep Convolutional Neural Networks", 2012: a row for each query, which is the
 * first picture, with its neighbours to the right of it.
 */
public final class NeighbourSheet {

  private static final int SIDE = 160;
  private static final int GAP = 6;
  private static final int CAPTION = 20;
  private static final int MARGIN = 12;
  private static final int AFTER_QUERY = 18;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Color INK = new Color(0x333333);
  private static final Color QUERY = new Color(0xe8710a);

  private static final long MOST_PIXELS = 100_000_000;

  private NeighbourSheet() {}

  /** A picture of any size, and what is said below it. */
  public record Picture(BufferedImage image, String caption) {}

  private static long width(int columns) {
    return 2 * MARGIN + columns * (long) (SIDE + GAP) - GAP + AFTER_QUERY;
  }

  private static long height(int rows) {
    return 2 * MARGIN + rows * (long) (SIDE + CAPTION + GAP) - GAP;
  }

  /** Whether a sheet of so many queries and pictures for each, itself included, can be drawn. */
  public static boolean fits(int rows, int columns) {
    return width(columns) <= MOST_PIXELS / height(rows);
  }

  /**
   * @param rows a query and its neighbours in each, at least one picture
   * @throws IllegalArgumentException if they do not {@linkplain #fits fit}
   */
  public static BufferedImage draw(List<List<Picture>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElseThrow();
    if (!fits(rows.size(), columns)) {
      throw new IllegalArgumentException(
          "a sheet of %d rows of %d pictures is too large".formatted(rows.size(), columns));
    }
    BufferedImage sheet =
        new BufferedImage(
            (int) width(columns), (int) height(rows.size()), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.setFont(FONT);
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < rows.get(row).size(); column++) {
        int x = MARGIN + column * (SIDE + GAP) + (column > 0 ? AFTER_QUERY : 0);
        int y = MARGIN + row * (SIDE + CAPTION + GAP);
        Picture picture = rows.get(row).get(column);
        graphics.drawImage(picture.image(), x, y, SIDE, SIDE, null);
        if (column == 0) {
          graphics.setColor(QUERY);
          graphics.drawRect(x - 2, y - 2, SIDE + 3, SIDE + 3);
          graphics.drawRect(x - 3, y - 3, SIDE + 5, SIDE + 5);
        }
        graphics.setColor(INK);
        graphics.drawString(
            fitting(picture.caption(), graphics.getFontMetrics()), x, y + SIDE + 15);
      }
    }
    graphics.dispose();
    return sheet;
  }

  /** The end of a caption that is too long: of a file it says more than the beginning. */
  private static String fitting(String caption, FontMetrics metrics) {
    String fitting = caption;
    for (int cut = 1; metrics.stringWidth(fitting) > SIDE; cut++) {
      fitting = "…" + caption.substring(cut);
    }
    return fitting;
  }
}
