package io.alexnet.data.image;

import io.alexnet.format.OneLine;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Pattern;
import javax.imageio.IIOException;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes JPEG (also CMYK and YCCK), PNG, GIF (its first frame), BMP and WebP to 8-bit RGB, turned
 * as EXIF says. The content decides which of them a file is, not its name.
 *
 * <p>Transparent pixels are laid over a background. Grey is repeated in all three channels; 16-bit
 * samples are rounded to 8. A file that ends too soon is refused, although ImageIO would decode
 * some of it: half an image under a whole label is worse than one image less. So is an image that
 * would take more memory than the limit, from its header, before the memory is taken.
 *
 * <p>Immutable; any number of threads may decode with it at once, each taking memory up to the
 * limit. If the heap has not as much left, that is an {@link OutOfMemoryError} which names the
 * file, never an {@link ImageException}: the file may be sound, and must not be skipped as a bad
 * one. No temporary file is written, and of ImageIO's settings none is changed: its plug-ins that
 * come with this library are registered if ImageIO has not found them itself.
 */
public final class ImageDecoder {

  /** Enough for a photograph of 108 megapixels, and it leaves room in a heap of 512 MB. */
  public static final long DEFAULT_MAX_BYTES = 400_000_000;

  /**
   * Into how many strips a large image is divided at most. The decoder starts anew for each, so
   * more of them would save memory and take longer.
   */
  static final int MAX_STRIPS = 8;

  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8; // that every JVM can make

  /**
   * What libjpeg warns of when pixels are missing; its other warnings are of harmless oddities. It
   * fills the rest with grey.
   */
  private static final Pattern DAMAGE =
      Pattern.compile("bad Huffman code|premature end|instead of RST", Pattern.CASE_INSENSITIVE);

  private final long maxBytes;
  private final int background;

  /** The default limit and a white background. */
  public ImageDecoder() {
    this(DEFAULT_MAX_BYTES, 0xFFFFFF);
  }

  private ImageDecoder(long maxBytes, int background) {
    this.maxBytes = maxBytes;
    this.background = background;
  }

  /**
   * A decoder like this one that refuses images that take more memory to decode: the file, the
   * decoder's own buffers and the pixels together.
   */
  public ImageDecoder maxBytes(long maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be positive, not " + maxBytes);
    }
    return new ImageDecoder(maxBytes, background);
  }

  /**
   * A decoder like this one that lays transparent pixels over this colour.
   *
   * @param rgb as in 0xFFFFFF for white
   */
  public ImageDecoder background(int rgb) {
    return new ImageDecoder(maxBytes, rgb & 0xFFFFFF);
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
        (reader, scan, rows) -> {
          RgbPixels pixels = new RgbPixels(scan, background);
          int width = scan.frame().width;
          int height = scan.frame().height;
          String[] damage = new String[1];
          reader.addIIOReadWarningListener(
              (source, warning) -> {
                if (DAMAGE.matcher(warning).find()) {
                  damage[0] = warning;
                }
              });
          ImageReadParam param = reader.getDefaultReadParam();
          for (int top = 0; top < height; top += rows) {
            int count = Math.min(rows, height - top);
            if (count < height) {
              param.setSourceRegion(new Rectangle(0, top, width, count));
            }
            BufferedImage strip = reader.read(0, param);
            if (damage[0] != null) {
              throw new ImageException(name, "damaged inside: " + damage[0]);
            }
            pixels.draw(strip, top, count);
            param.setDestination(strip); // of the next, which has no more rows
          }
          return pixels.image();
        });
  }

  /**
   * A picture in memory as {@link #decode(Path)} would have it: RGB, transparent pixels over the
   * background.
   */
  public Image decode(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    Rectangle all = new Rectangle(width, height);
    RgbPixels pixels =
        new RgbPixels(new FileScan("in memory", width, height, all, 1, 0, 0), background);
    pixels.draw(picture, 0, height);
    return pixels.image();
  }

  /**
   * Looks through the structure of the file, without decoding its pixels: finds what is not an
   * image, is empty, truncated, too large or of a kind that is not supported, and JPEG that lacks a
   * restart marker; not what else is garbled inside.
   *
   * @throws ImageException whatever is found to be wrong with the file
   */
  public void check(Path file) {
    withReader(read(file), file.toString(), (reader, scan, rows) -> null);
  }

  private interface Work {

    /**
     * @param rows of the frame that there is memory to decode at a time
     */
    Image with(ImageReader reader, FileScan scan, int rows) throws IOException;
  }

  private Image withReader(byte[] file, String name, Work work) {
    FileScan scan;
    try {
      scan = FileScan.of(file);
    } catch (IIOException e) {
      throw new ImageException(name, e.getMessage(), e);
    }
    boolean complete = !scan.format().equals("jpeg") || JpegScan.hasHuffmanTables(file);
    long fileBytes = complete ? file.length : 2L * file.length; // a copy gets the tables
    checkSize(fileBytes, scan, name);
    ImageReader reader = ImageReaders.of(scan.format());
    try {
      byte[] whole = complete ? file : JpegScan.withHuffmanTables(file);
      try (ImageInputStream stream = new ArrayImageInput(whole)) {
        reader.setInput(stream, false, true);
        if (reader.getWidth(0) != scan.frame().width
            || reader.getHeight(0) != scan.frame().height) {
          throw new ImageException(name, "its headers contradict each other");
        }
        return work.with(reader, scan, rowsOfStrip(fileBytes, scan));
      }
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException | VirtualMachineError | AssertionError e) {
      // Decoders meet hostile bytes with whatever their arithmetic, recursion and allocation lead
      // to.
      Throwable cause = rootCause(e);
      if (cause instanceof OutOfMemoryError) {
        throw outOfHeap(name, cause);
      }
      throw new ImageException(name, reason(cause), e);
    } finally {
      reader.dispose();
    }
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Whether the heap is too small or the decoder asked for too much, nobody can tell. */
  private static OutOfMemoryError outOfHeap(String name, Throwable cause) {
    OutOfMemoryError error =
        new OutOfMemoryError(
            "out of heap while decoding "
                + OneLine.of(name)
                + ": take fewer threads or a larger -Xmx");
    error.initCause(cause);
    return error;
  }

  private static String reason(Throwable cause) {
    if (cause instanceof EOFException) {
      return "the file is truncated";
    }
    // What went wrong in a decoder's arithmetic says little without the exception's name.
    String said = cause.getMessage();
    return "cannot be decoded: "
        + (cause instanceof IOException && said != null ? said : cause.toString());
  }

  private void checkSize(long fileBytes, FileScan scan, String name) {
    Rectangle frame = scan.frame();
    String size = scan.width() + "×" + scan.height();
    if (frame.width < 1 || frame.height < 1) {
      throw new ImageException(name, "an image of " + frame.width + "×" + frame.height + " pixels");
    }
    long pixels = (long) scan.width() * scan.height();
    if (pixels > Integer.MAX_VALUE / 3) {
      throw new ImageException(name, size + " pixels are more than any image may have here");
    }
    long bytes = fixedBytes(fileBytes, scan) + leastRows(scan) * rowBytes(scan);
    if (bytes > maxBytes) {
      throw new ImageException(
          name,
          size
              + " pixels take "
              + megabytes(bytes)
              + " of memory to decode, more than the limit of "
              + megabytes(maxBytes));
    }
  }

  private static String megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000 + " MB";
  }

  /** The file, what the decoder holds and the picture, all but the strip that is being decoded. */
  private static long fixedBytes(long fileBytes, FileScan scan) {
    return fileBytes
        + (long) scan.frame().width * scan.frame().height * scan.heldPerPixel()
        + 3L * scan.width() * scan.height();
  }

  /** Of a strip, for each of its rows. */
  private static long rowBytes(FileScan scan) {
    return (long) scan.frame().width * scan.stripPerPixel();
  }

  private static int leastRows(FileScan scan) {
    return (scan.frame().height + MAX_STRIPS - 1) / MAX_STRIPS;
  }

  /** As many rows as there is memory for, all of them in any image that is not very large. */
  private int rowsOfStrip(long fileBytes, FileScan scan) {
    int height = scan.frame().height;
    long row = rowBytes(scan);
    long room = maxBytes - fixedBytes(fileBytes, scan); // for leastRows, as checkSize has seen
    return height * row <= room ? height : (int) (room / row);
  }

  private byte[] read(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw new ImageException(file.toString(), "a folder, not a file");
      }
      if (!attributes.isRegularFile()) {
        throw new ImageException(file.toString(), "a pipe, socket or device, not a file");
      }
      long most = Math.min(maxBytes, LARGEST_ARRAY);
      if (attributes.size() > most) {
        throw new ImageException(
            file.toString(), "larger than the memory that decoding may take, " + megabytes(most));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      String reason = Files.isSymbolicLink(file) ? "a link to nothing" : "no such file";
      throw new ImageException(file.toString(), reason, e);
    } catch (AccessDeniedException e) {
      throw new ImageException(file.toString(), "no permission to read it", e);
    } catch (IOException e) {
      throw ImageException.ofReading(file.toString(), e);
    } catch (OutOfMemoryError e) {
      throw outOfHeap(file.toString(), e);
    }
  }
}
