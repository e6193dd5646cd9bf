package io.alexnet.examples.cli;

import io.alexnet.train.Evaluation;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Draws a confusion matrix: a row for each true class, a column for each predicted one, in a cell
 * how many images of the row's class were taken for the column's. What is right is blue, what is
 * wrong orange, the stronger the larger the share of the row; the square root of it, so that single
 * mistakes are seen.
 *
 * <p>With more classes the cells become smaller, lose first their numbers, then their names, and
 * from 1,001 classes on each is the sum of several neighbouring classes; blue then also holds the
 * mistakes between these.
 */
final class ConfusionPicture {

  private static final int LARGEST_CELL = 44;
  private static final int LARGEST_MATRIX = 1000;
  private static final int NUMBERED_CELL = 20;
  private static final int NAMED_CELL = 10;
  private static final int LONGEST_NAME = 200;
  private static final int MARGIN = 24;
  private static final Color RIGHT = new Color(0x1f77b4);
  private static final Color WRONG = new Color(0xe8710a);
  private static final Color GRID = new Color(0xe3e3e3);
  private static final Color INK = new Color(0x333333);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font AXIS = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

  private final String title;
  private final List<String> names;
  private final int perCell;
  private final int cells;
  private final int cell;
  private final int[][] counts;
  private final int[] examples;
  private final Font nameFont;

  private ConfusionPicture(Evaluation evaluation, String title) {
    this.title = title;
    int classes = evaluation.classNames().size();
    perCell = (classes - 1) / LARGEST_MATRIX + 1;
    cells = (classes - 1) / perCell + 1;
    cell = Math.min(LARGEST_CELL, LARGEST_MATRIX / cells);
    names = cell >= NAMED_CELL ? evaluation.classNames() : List.of();
    nameFont = new Font(Font.SANS_SERIF, Font.PLAIN, Math.min(14, cell - 1));
    counts = new int[cells][cells];
    examples = new int[cells];
    for (int actual = 0; actual < classes; actual++) {
      examples[actual / perCell] += evaluation.examples(actual);
      for (int predicted = 0; predicted < classes; predicted++) {
        counts[actual / perCell][predicted / perCell] += evaluation.confusion(actual, predicted);
      }
    }
  }

  /**
   * @param title above the matrix
   */
  static BufferedImage draw(Evaluation evaluation, String title) {
    return new ConfusionPicture(evaluation, title).draw();
  }

  private BufferedImage draw() {
    Graphics2D measuring = graphics(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
    int nameWidth = 0;
    for (String name : names) {
      nameWidth = Math.max(nameWidth, measuring.getFontMetrics(nameFont).stringWidth(name));
    }
    nameWidth = Math.min(nameWidth, LONGEST_NAME);
    int titleWidth = measuring.getFontMetrics(TITLE).stringWidth(title);
    measuring.dispose();

    int side = cells * cell;
    int left = MARGIN + 24 + nameWidth + 8;
    int top = MARGIN + 30 + 24 + nameWidth + 8;
    int width = Math.max(left + side, MARGIN + titleWidth) + MARGIN;
    BufferedImage picture =
        new BufferedImage(width, top + side + MARGIN, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = graphics(picture);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    graphics.setColor(INK);
    graphics.setFont(TITLE);
    graphics.drawString(title, MARGIN, MARGIN + 14);
    graphics.setFont(AXIS);
    graphics.drawString("predicted class", left, MARGIN + 30 + 14);
    drawUpwards(graphics, "true class", MARGIN + 14, top + side);
    for (int i = 0; i < names.size(); i++) {
      graphics.setFont(nameFont);
      FontMetrics metrics = graphics.getFontMetrics();
      String name = shortened(names.get(i), metrics);
      int baseline = i * cell + (cell + metrics.getAscent() - metrics.getDescent()) / 2;
      graphics.drawString(name, left - 8 - metrics.stringWidth(name), top + baseline);
      drawUpwards(graphics, name, left + baseline, top - 8);
    }
    for (int row = 0; row < cells; row++) {
      for (int column = 0; column < cells; column++) {
        drawCell(graphics, row, column, left + column * cell, top + row * cell);
      }
    }
    graphics.setColor(INK);
    graphics.drawRect(left - 1, top - 1, side + 1, side + 1);
    graphics.dispose();
    return picture;
  }

  private static Graphics2D graphics(BufferedImage picture) {
    Graphics2D graphics = picture.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    return graphics;
  }

  /** Text that begins at (x, y) and is read from below. */
  private static void drawUpwards(Graphics2D graphics, String text, int x, int y) {
    Graphics2D turned = (Graphics2D) graphics.create();
    turned.translate(x, y);
    turned.rotate(-Math.PI / 2);
    turned.drawString(text, 0, 0);
    turned.dispose();
  }

  private static String shortened(String name, FontMetrics metrics) {
    if (metrics.stringWidth(name) <= LONGEST_NAME) {
      return name;
    }
    int length = name.length();
    while (metrics.stringWidth(name.substring(0, length) + "…") > LONGEST_NAME) {
      length--;
    }
    return name.substring(0, length) + "…";
  }

  private void drawCell(Graphics2D graphics, int row, int column, int x, int y) {
    int count = counts[row][column];
    double strength = count == 0 ? 0 : Math.sqrt((double) count / examples[row]);
    graphics.setColor(mixed(row == column ? RIGHT : WRONG, strength));
    graphics.fillRect(x, y, cell, cell);
    if (cell < NAMED_CELL) {
      return;
    }
    graphics.setColor(GRID);
    graphics.drawRect(x, y, cell - 1, cell - 1);
    if (cell >= NUMBERED_CELL && count > 0) {
      String number = Integer.toString(count);
      float size = 14;
      do {
        graphics.setFont(AXIS.deriveFont(size--));
      } while (graphics.getFontMetrics().stringWidth(number) > cell - 4 && size > 5);
      FontMetrics metrics = graphics.getFontMetrics();
      graphics.setColor(row == column && strength > 0.7 ? Color.WHITE : INK);
      graphics.drawString(
          number,
          x + (cell - metrics.stringWidth(number)) / 2,
          y + (cell + metrics.getAscent() - metrics.getDescent()) / 2);
    }
  }

  /** From white, 0, to the colour, 1. */
  private static Color mixed(Color color, double strength) {
    return new Color(
        (int) Math.round(255 + (color.getRed() - 255) * strength),
        (int) Math.round(255 + (color.getGreen() - 255) * strength),
        (int) Math.round(255 + (color.getBlue() - 255) * strength));
  }
}
