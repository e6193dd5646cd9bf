package io.alexnet.examples.cli;

import io.alexnet.format.AtomicFile;
import io.alexnet.format.Npy;
import io.alexnet.tensor.Tensor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The features of images in a file: as {@code .csv} a row for each image, its path and its
 * features; as {@code .npy} a matrix, and beside it a {@code .txt} with the paths, one a line.
 */
record FeaturesFile(Path path) {

  private static final String CSV = ".csv";
  private static final String NPY = ".npy";

  private interface Text {
    void writeTo(Writer writer) throws IOException;
  }

  /** Whether the name says how to write it. */
  boolean hasFormat() {
    return isNamed(CSV) || isNamed(NPY);
  }

  private boolean isNamed(String extension) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(extension);
  }

  /**
   * @param sources what it must not be written over
   * @throws Failure if it could not be written
   */
  void requireReplaceable(List<Path> sources) throws IOException {
    new OutputFile("--out", path).requireReplaceable(sources);
    if (isNamed(NPY)) {
      new OutputFile("--out", imagesFile()).requireReplaceable(sources);
    }
  }

  /** Those of a matrix. */
  private Path imagesFile() {
    String name = path.getFileName().toString();
    return path.resolveSibling(name.substring(0, name.length() - NPY.length()) + ".txt");
  }

  /**
   * @param images one for each row
   * @param features [images][features]
   */
  void write(List<Path> images, Tensor features) throws IOException {
    if (isNamed(NPY)) {
      Npy.write(path, features);
      write(imagesFile(), writer -> writePaths(writer, images));
    } else {
      write(path, writer -> writeCsv(writer, images, features));
    }
  }

  private static void write(Path file, Text text) throws IOException {
    AtomicFile.write(
        file,
        output -> {
          Writer writer =
              new BufferedWriter(new OutputStreamWriter(output, StandardCharsets.UTF_8));
          text.writeTo(writer);
          writer.flush();
        });
  }

  private static void writePaths(Writer writer, List<Path> images) throws IOException {
    for (Path image : images) { // a name may have line breaks, but a row has one line
      writer.write(image.toString().replaceAll("\\p{Cc}", " ") + "\n");
    }
  }

  private static void writeCsv(Writer writer, List<Path> images, Tensor features)
      throws IOException {
    int width = features.shape().dimension(1);
    writer.write("image");
    for (int i = 0; i < width; i++) {
      writer.write(",f" + i);
    }
    writer.write('\n');
    for (int n = 0; n < images.size(); n++) {
      writer.write(quoted(images.get(n).toString()));
      for (int i = 0; i < width; i++) {
        writer.write(',');
        writer.write(Float.toString(features.get(n, i)));
      }
      writer.write('\n');
    }
  }

  /** As RFC 4180 says, if need be. */
  private static String quoted(String field) {
    return field.matches("[^\",\\r\\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
