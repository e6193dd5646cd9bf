package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.data.ChildJvm;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

class ImageReadersTest {

  @Test
  void readersAreFoundWhicheverThreadAsksFirst() throws Exception {
    Path tests =
        Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ProcessBuilder child =
        ChildJvm.of(
            tests.toString(),
            Launcher.class.getName(),
            System.getProperty("java.class.path"),
            file("webp_lossy.webp"),
            file("cmyk_k.jpg"));
    assertEquals("Image 64×48×3\nImage 64×48×3", ChildJvm.output(child));
  }

  private static String file(String name) throws Exception {
    return Path.of(ImageReadersTest.class.getResource("awkward/" + name).toURI()).toString();
  }

  /**
   * Has the library in a class loader that is not the system's, as a Spark executor has, and
   * decodes by a thread of the common pool before ImageIO was used by any other.
   */
  static final class Launcher {

    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
      List<URL> classPath = new ArrayList<>();
      for (String entry : arguments[0].split(File.pathSeparator)) {
        classPath.add(Path.of(entry).toUri().toURL());
      }
      ClassLoader ofLibrary =
          new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
      Class<?> type = ofLibrary.loadClass("io.alexnet.data.image.ImageDecoder");
      Object decoder = type.getConstructor().newInstance();
      for (int i = 1; i < arguments.length; i++) {
        Path file = Path.of(arguments[i]);
        Object image =
            ForkJoinPool.commonPool()
                .submit(() -> type.getMethod("decode", Path.class).invoke(decoder, file))
                .get();
        System.out.println(image);
      }
    }
  }
}
