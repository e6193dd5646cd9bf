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

  private NeighbourSheet() {}

  /** A picture of any size, and what is said below it. */
  public record Picture(BufferedImage image, String caption) {}

  /**
   * @param rows a query and its neighbours in each, at least one picture
   */
  public static BufferedImage draw(List<List<Picture>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElseThrow();
    BufferedImage sheet =
        new BufferedImage(
            2 * MARGIN + columns * (SIDE + GAP) - GAP + AFTER_QUERY,
            2 * MARGIN + rows.size() * (SIDE + CAPTION + GAP) - GAP,
            BufferedImage.TYPE_INT_RGB);
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
