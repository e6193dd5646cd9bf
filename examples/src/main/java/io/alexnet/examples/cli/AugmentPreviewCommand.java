package io.alexnet.examples.cli;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.image.PrincipalColors;
import io.alexnet.examples.chart.PngFile;
import io.alexnet.tensor.Tensor;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "augment-preview",
    description = {
      "Draws what random changes make of an image, as training sees it, on a sheet of pictures.",
      "The first picture is the unchanged crop. The images stand for the training set: their mean"
          + " colour fills what is cut out, and colour noise goes along their principal colours."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar augment-preview photo.jpg --augment paper",
      "  java -jar alexnet.jar augment-preview photo.jpg --augment resized-crop:0.3..1,hue:0.1",
      "  java -jar alexnet.jar augment-preview cat.jpg dog.jpg --augment crop,mixup:1",
      "  java -jar alexnet.jar augment-preview cat.jpg dog.jpg --each --out sheet.png"
    })
final class AugmentPreviewCommand implements Callable<Integer> {

  private static final FontRenderContext LABELS = new FontRenderContext(null, true, false);
  private static final int GAP = 4;
  private static final int MAX_SIZE = 2048;
  private static final int MAX_PIXELS = 1 << 26;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description = "Image files; of several, each is shown in turn, and mixup mixes them.")
  private List<Path> images;

  @Option(
      names = "--augment",
      paramLabel = "CHANGES",
      description = "As for train; crop if not given.")
  private String augment;

  @Option(
      names = "--each",
      description =
          "A row for each change there is, with its name, of the first image; mixup needs a second.")
  private boolean each;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "${DEFAULT-VALUE} if not given; with --each as many as there are changes.",
      defaultValue = "4")
  private int rows;

  @Option(
      names = "--columns",
      paramLabel = "N",
      description = "${DEFAULT-VALUE} if not given.",
      defaultValue = "6")
  private int columns;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      description = "Width and height of the crop; ${DEFAULT-VALUE} if not given.",
      defaultValue = "227")
  private int imageSize;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the random draws; ${DEFAULT-VALUE} if not given.",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "The picture, a PNG file, replaced if there is one; ${DEFAULT-VALUE} if not given.",
      defaultValue = "augment-preview.png")
  private Path out;

  @Override
  public Integer call() throws IOException {
    check(rows >= 1, "--rows must be at least 1, not " + rows);
    check(columns >= 1, "--columns must be at least 1, not " + columns);
    check(
        imageSize >= 1 && imageSize <= MAX_SIZE,
        "--image-size must be from 1 to " + MAX_SIZE + ", not " + imageSize);
    check(!each || augment == null, "--each shows every change, so --augment does not go with it");
    check(!each || images.size() <= 2, "--each takes one IMAGE, and a second for mixup");
    requireWritable();
    if (each) {
      Fonts.require("--each");
    }
    BufferedImage sheet = each ? eachChange() : variants();
    PngFile.write(sheet, out);
    spec.commandLine().getOut().printf("%s: %d×%d%n", out, sheet.getWidth(), sheet.getHeight());
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }

  private void check(boolean right, String message) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private void requireWritable() throws IOException {
    check(PngFile.isName(out), "--out writes a PNG file, so not " + out);
    new OutputFile("--out", out).requireReplaceable(images);
  }

  /** All images unchanged, then changed, each in turn. */
  private BufferedImage variants() {
    Augmentation augmentation;
    try {
      augmentation = Augmentation.parse(augment == null ? "crop" : augment);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--augment: " + e.getMessage(), e);
    }
    check(
        images.size() <= (long) rows * columns,
        images.size() + " images are more than the sheet has places: raise --rows or --columns");
    check(
        !augmentation.augment(null).hasMixup() || images.size() > 1,
        "--augment: mixup needs a second IMAGE to mix with the first");
    BufferedImage sheet = sheet(rows, 0);
    Variants variants = new Variants(augmentation);
    int cells = rows * columns;
    for (int cell = 0, epoch = -1; cell < cells; epoch++) {
      for (BufferedImage picture : variants.of(epoch)) {
        if (cell < cells) {
          draw(picture, sheet, cell / columns, cell % columns, 0);
          cell++;
        }
      }
    }
    return sheet;
  }

  /** A row for each change. */
  private BufferedImage eachChange() {
    List<Augmentation.Change> changes = new ArrayList<>(List.of(Augmentation.Change.values()));
    if (images.size() == 1) {
      changes.remove(Augmentation.Change.MIXUP);
    }
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, Math.max(11, Math.min(20, imageSize / 6)));
    int labelWidth = 0;
    for (Augmentation.Change change : changes) {
      Rectangle2D bounds = font.getStringBounds(change.toString(), LABELS);
      labelWidth = Math.max(labelWidth, (int) bounds.getWidth() + 2 * GAP);
    }
    BufferedImage sheet = sheet(changes.size(), labelWidth);
    for (int row = 0; row < changes.size(); row++) {
      label(changes.get(row).toString(), font, sheet, row);
      Variants variants = new Variants(Augmentation.of(changes.get(row)));
      for (int column = 0; column < columns; column++) {
        draw(variants.of(column - 1).get(0), sheet, row, column, labelWidth);
      }
    }
    return sheet;
  }

  private BufferedImage sheet(int rows, int labelWidth) {
    long width = labelWidth + GAP + (long) columns * (imageSize + GAP);
    long height = GAP + (long) rows * (imageSize + GAP);
    check(
        width <= MAX_PIXELS && height <= MAX_PIXELS / width,
        "a sheet of %d×%d pixels is too large: lower --rows, --columns or --image-size"
            .formatted(width, height));
    BufferedImage sheet = new BufferedImage((int) width, (int) height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.dispose();
    return sheet;
  }

  private void draw(BufferedImage picture, BufferedImage sheet, int row, int column, int labels) {
    int x = labels + GAP + column * (imageSize + GAP);
    int y = GAP + row * (imageSize + GAP);
    Graphics2D graphics = sheet.createGraphics();
    graphics.drawImage(picture, x, y, null);
    graphics.dispose();
  }

  private void label(String text, Font font, BufferedImage sheet, int row) {
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.BLACK);
    graphics.setFont(font);
    int middle = GAP + row * (imageSize + GAP) + imageSize / 2;
    FontMetrics metrics = graphics.getFontMetrics();
    graphics.drawString(text, GAP, middle + (metrics.getAscent() - metrics.getDescent()) / 2);
    graphics.dispose();
  }

  /** Each a class of its own, so that it is known again when shuffled. */
  private ImageFiles files() {
    List<String> names = images.stream().map(Path::toString).toList();
    return new ImageFiles(images, 3, names, i -> i);
  }

  /** What training would be given of the images, epoch by epoch. */
  private final class Variants {

    private final BatchSource unchanged;
    private final BatchSource changed;
    private final float[] mean;

    Variants(Augmentation augmentation) {
      int side = augmentation.resizedSide(imageSize);
      ResizedImages resized = ResizedImages.of(files(), side);
      ImageStatistics statistics = ImageStatistics.of(resized, seed);
      PrincipalColors colors = augmentation.hasColorNoise() ? statistics.principalColors() : null;
      mean = statistics.mean();
      Batches batches =
          Batches.of(resized)
              .imageSize(imageSize)
              .batchSize(images.size())
              .seed(seed)
              .normalization(Normalization.perChannel(mean, new float[] {1, 1, 1}))
              .threads(1)
              .depth(1);
      unchanged = batches.build();
      // Shuffled as in training, so that mixup mixes other pairs each time.
      changed = batches.shuffle(true).augment(augmentation.augment(colors)).build();
    }

    /** The images, in their order, as in this epoch; unchanged in epoch −1. */
    List<BufferedImage> of(int epoch) {
      BatchSource source = epoch < 0 ? unchanged : changed;
      BufferedImage[] pictures = new BufferedImage[images.size()];
      try (BatchSource.Batches batches = source.open(Math.max(0, epoch), 0)) {
        Batch batch = batches.next();
        for (int n = 0; n < batch.size(); n++) {
          pictures[batch.labels()[n]] = picture(batch.images(), n);
        }
      }
      return Arrays.asList(pictures);
    }

    private BufferedImage picture(Tensor batch, int n) {
      BufferedImage picture = new BufferedImage(imageSize, imageSize, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < imageSize; y++) {
        for (int x = 0; x < imageSize; x++) {
          int rgb = 0;
          for (int c = 0; c < 3; c++) {
            float value = Math.max(0, Math.min(batch.get(n, c, y, x) + mean[c], 1));
            rgb = rgb << 8 | Math.round(255 * value);
          }
          picture.setRGB(x, y, rgb);
        }
      }
      return picture;
    }
  }
}
