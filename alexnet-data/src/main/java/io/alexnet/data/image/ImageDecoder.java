package io.alexnet.data.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG (also CMYK and YCCK), PNG, GIF (its first frame), BMP and WebP to 8-bit RGB, turned
 * as EXIF says.
 *
 * <p>Transparent pixels are laid over a background. Grey is repeated in all three channels; 16-bit
 * samples are rounded to 8. A file that ends too soon is refused, although ImageIO would decode
 * some of it: half an image under a whole label is worse than one image less. So is an image of
 * more pixels than the limit, before any memory is taken for it.
 *
 * <p>Immutable; any number of threads may decode with it at once. No temporary file is written and
 * no global setting of ImageIO is changed.
 */
public final class ImageDecoder {

  /** 2²⁶: 200 MB of RGB, above any camera of 2020 but the few that merge pixels. */
  public static final long DEFAULT_MAX_PIXELS = 1L << 26;

  private static final long MAX_FILE_BYTES = 1L << 28;

  private final long maxPixels;
  private final int background;

  /** The default pixel limit and a white background. */
  public ImageDecoder() {
    this(DEFAULT_MAX_PIXELS, 0xFFFFFF);
  }

  private ImageDecoder(long maxPixels, int background) {
    this.maxPixels = maxPixels;
    this.background = background;
  }

  /** A decoder like this one that refuses images of more pixels (width times height). */
  public ImageDecoder maxPixels(long maxPixels) {
    if (maxPixels < 1) {
      throw new IllegalArgumentException("maxPixels must be positive, not " + maxPixels);
    }
    return new ImageDecoder(maxPixels, background);
  }

  /**
   * A decoder like this one that lays transparent pixels over this colour.
   *
   * @param rgb as in 0xFFFFFF for white
   */
  public ImageDecoder background(int rgb) {
    return new ImageDecoder(maxPixels, rgb & 0xFFFFFF);
  }

  /**
   * @throws ImageException whatever is wrong with the file
   */
  public Image decode(Path file) {
    return decode(read(file), file.toString());
  }

  /**
   * @param file a whole image file
   * @param name says in errors which file it is
   * @throws ImageException whatever is wrong with the file
   */
  public Image decode(byte[] file, String name) {
    return withReader(
        file,
        name,
        (reader, scan) -> {
          BufferedImage decoded = reader.read(0);
          return Orientation.upright(RgbPixels.of(decoded, background), scan.orientation());
        });
  }

  /**
   * Reads the header and looks for the end of the file, without decoding what is between: finds
   * what is not an image, is empty, truncated or too large, not what is garbled inside.
   *
   * @throws ImageException whatever is found to be wrong with the file
   */
  public void check(Path file) {
    withReader(read(file), file.toString(), (reader, scan) -> null);
  }

  private interface Work {
    Image with(ImageReader reader, FileScan scan) throws IOException;
  }

  private Image withReader(byte[] file, String name, Work work) {
    if (file.length == 0) {
      throw new ImageException(name, "the file is empty");
    }
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new ImageException(name, "not an image in a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        checkSize(reader.getWidth(0), reader.getHeight(0), name);
        FileScan scan = FileScan.of(file);
        if (!scan.complete()) {
          throw new ImageException(name, "the file is truncated");
        }
        return work.with(reader, scan);
      } finally {
        reader.dispose();
      }
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Decoders meet hostile bytes with whatever their arithmetic leads to.
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new ImageException(
          name, "cannot be decoded: " + reason.lines().findFirst().orElse(""), e);
    }
  }

  private void checkSize(int width, int height, String name) {
    if (width < 1 || height < 1) {
      throw new ImageException(name, "an image of " + width + "×" + height + " pixels");
    }
    if ((long) width * height > maxPixels) {
      throw new ImageException(
          name, width + "×" + height + " pixels are more than the limit of " + maxPixels);
    }
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ImageException(file.toString(), "larger than " + MAX_FILE_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ImageException(file.toString(), "no such file", e);
    } catch (IOException e) {
      throw new ImageException(file.toString(), "cannot be read: " + e.getMessage(), e);
    }
  }
}
