package io.alexnet.examples.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochChartTest {

  @TempDir Path folder;

  private BufferedImage picture(int curves) throws IOException {
    EpochChart chart = new EpochChart("Accuracy", "%", 2);
    for (int i = 0; i < curves; i++) {
      double[] figures = {10 * i, 10 * i + 5};
      chart.curve("a name that takes some room " + i, i, new double[] {1, 2}, figures);
      chart.thinCurve("thin " + i, i, new double[] {1, 2}, figures);
    }
    Path file = folder.resolve(curves + ".png");
    EpochChart.write(file, chart, new EpochChart("Nothing", "%", 2));
    return ImageIO.read(file.toFile());
  }

  /** Side by side the last of them would be cut off. */
  @Test
  void namesThatDoNotFitBesideOneAnotherStandBelowOneAnother() throws IOException {
    BufferedImage few = picture(2);
    BufferedImage many = picture(7);
    assertEquals(few.getWidth(), many.getWidth());
    assertTrue(many.getHeight() > few.getHeight() + 6 * 15, "seven rows, not one");
  }
}
