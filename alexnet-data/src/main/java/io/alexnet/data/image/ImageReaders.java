package io.alexnet.data.image;

import java.util.Iterator;
import java.util.ServiceLoader;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * ImageIO's readers, those that come with this library among them.
 *
 * <p>ImageIO looks for plug-ins once in the life of a JVM, with the class loader of whichever
 * thread uses it first. Workers of the common pool have the system's, which in an application
 * server, a Spark executor or a jar of jars does not know this library's dependencies. They are
 * registered here, unless ImageIO has found them itself.
 */
final class ImageReaders {

  static {
    IIORegistry registry = IIORegistry.getDefaultInstance();
    ServiceLoader.load(ImageReaderSpi.class, ImageReaders.class.getClassLoader()).stream()
        .filter(plugIn -> registry.getServiceProviderByClass(plugIn.type()) == null)
        .forEach(plugIn -> registry.registerServiceProvider(plugIn.get()));
  }

  private ImageReaders() {}

  /**
   * A reader to be disposed of.
   *
   * @param format ImageIO's name of it
   * @throws IllegalStateException if no plug-in reads the format
   */
  static ImageReader of(String format) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    if (!readers.hasNext()) {
      throw new IllegalStateException(
          "ImageIO has no reader of "
              + format
              + ": com.twelvemonkeys.imageio:imageio-webp and imageio-jpeg must be on the class"
              + " path, and a jar that they are shaded into must keep META-INF/services");
    }
    return readers.next();
  }
}
