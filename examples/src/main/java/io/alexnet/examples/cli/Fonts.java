package io.alexnet.examples.cli;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** Fonts to write into pictures with: JDKs bring none, and small systems have none. */
final class Fonts {

  private Fonts() {}

  /**
   * @param option what the picture is asked for by, with which the error begins
   * @throws Failure if there are none
   */
  static void require(String option) {
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      graphics.getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, 12)).stringWidth("x");
    } catch (RuntimeException | Error e) { // which one depends on what is missing
      throw new Failure(
          option
              + " draws a picture with words in it, and this system has no fonts: install fontconfig"
              + " and a font, as fonts-dejavu-core of Debian or ttf-dejavu of Alpine ("
              + e
              + ")",
          e);
    } finally {
      graphics.dispose();
    }
  }
}
