package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.train.EpochRecord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesPictureTest {

  @TempDir Path folder;

  private static EpochRecord epoch(int epoch, boolean validated) {
    double loss = 2.8 / Math.sqrt(epoch);
    return new EpochRecord(
        epoch,
        10L * epoch,
        loss,
        1 - loss / 3,
        validated ? loss + 0.02 * epoch : Double.NaN,
        validated ? 0.9 - loss / 3 : Double.NaN,
        validated ? 1 : Double.NaN,
        0.01f,
        100,
        1);
  }

  @Test
  void drawsTheSameAfterAResumeAndLeavesNothingElse() throws IOException {
    List<EpochRecord> epochs = IntStream.rangeClosed(1, 12).mapToObj(e -> epoch(e, true)).toList();
    CurvesPicture straight = new CurvesPicture(folder.resolve("straight.png"));
    straight.onStart(List.of(), 12);
    for (EpochRecord epoch : epochs) {
      straight.onEpoch(epoch, null);
    }
    CurvesPicture resumed = new CurvesPicture(folder.resolve("resumed.png"));
    resumed.onStart(epochs.subList(0, 11), 12);
    resumed.onEpoch(epochs.get(11), null);
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("straight.png")),
        Files.readAllBytes(folder.resolve("resumed.png")));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void drawsASingleEpochAndDoesWithoutValidation() throws IOException {
    Path with = folder.resolve("with.png");
    Path without = folder.resolve("without.png");
    CurvesPicture.draw(List.of(epoch(1, true)), with);
    CurvesPicture.draw(List.of(epoch(1, false)), without);
    assertTrue(coloured(with, 0x1f77b4) && coloured(without, 0x1f77b4), "the training's point");
    assertTrue(coloured(with, 0xe8710a), "the validation's point");
    assertFalse(coloured(without, 0xe8710a), "no validation");
  }

  @Test
  void aPictureThatCannotBeDrawnEndsNoTraining() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    CurvesPicture picture = new CurvesPicture(file.resolve("curves.png"));
    picture.onStart(List.of(), 2);
    picture.onEpoch(epoch(1, true), null);
    picture.onEpoch(epoch(2, true), null);
    assertTrue(Files.isRegularFile(file));
  }

  /** As after Ctrl-C in the last step of the first epoch. */
  @Test
  void drawsWhileTheJvmShutsDown() throws Exception {
    Path file = folder.resolve("curves.png");
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                AtShutdown.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String log = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, jvm.waitFor(), log);
    assertTrue(Files.exists(file), log);
    assertTrue(coloured(file, 0x1f77b4));
  }

  /** Draws its first picture in a shutdown hook. */
  static final class AtShutdown {
    private AtShutdown() {}

    public static void main(String[] args) {
      CurvesPicture picture = new CurvesPicture(Path.of(args[0]));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> picture.onEpoch(epoch(1, true), null)));
    }
  }

  private static boolean coloured(Path file, int rgb) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    return IntStream.range(0, image.getWidth() * image.getHeight())
        .anyMatch(
            i -> (image.getRGB(i % image.getWidth(), i / image.getWidth()) & 0xffffff) == rgb);
  }
}
