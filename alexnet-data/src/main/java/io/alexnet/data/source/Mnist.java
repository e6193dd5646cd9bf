package io.alexnet.data.source;

import io.alexnet.data.Split;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * MNIST (LeCun, Cortes and Burges, 1998): handwritten digits, 60,000 for training and 10,000 for
 * testing, 28×28 pixels, grey.
 */
public final class Mnist {

  public static final List<String> CLASS_NAMES =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  // A mirror: the authors' own page no longer serves the files.
  private static final String BASE = "https://storage.googleapis.com/cvdf-datasets/mnist/";
  private static final Map<String, String> CHECKSUMS =
      Map.of(
          "train-images-idx3-ubyte.gz",
          "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          "train-labels-idx1-ubyte.gz",
          "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
          "t10k-images-idx3-ubyte.gz",
          "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
          "t10k-labels-idx1-ubyte.gz",
          "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6");

  private Mnist() {}

  /**
   * Training and test set from a folder with the four official files, gzipped or not.
   *
   * @throws io.alexnet.data.DatasetException if one is missing or not what it should be
   */
  public static Split in(Path folder) {
    return Idx.split(folder, CLASS_NAMES);
  }

  /**
   * Fetches the four files (11 MB) into a folder, unless they are there, and opens them.
   *
   * @throws io.alexnet.data.DatasetException if one cannot be fetched; the message says how to do
   *     it by hand
   */
  public static Split download(Path folder) {
    return Idx.download(folder, BASE, CHECKSUMS, CLASS_NAMES);
  }
}
