package io.alexnet.data.source;

import io.alexnet.data.Split;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): articles of clothing, 60,000 for training and
 * 10,000 for testing, 28×28 pixels, grey, in MNIST's format.
 */
public final class FashionMnist {

  public static final List<String> CLASS_NAMES =
      List.of(
          "T-shirt/top",
          "trouser",
          "pullover",
          "dress",
          "coat",
          "sandal",
          "shirt",
          "sneaker",
          "bag",
          "ankle boot");

  private static final String BASE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
  private static final Map<String, String> CHECKSUMS =
      Map.of(
          "train-images-idx3-ubyte.gz",
          "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
          "train-labels-idx1-ubyte.gz",
          "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
          "t10k-images-idx3-ubyte.gz",
          "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
          "t10k-labels-idx1-ubyte.gz",
          "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5");

  private FashionMnist() {}

  /**
   * Training and test set from a folder with the four official files, gzipped or not.
   *
   * @throws io.alexnet.data.DatasetException if one is missing or not what it should be
   */
  public static Split in(Path folder) {
    return Idx.split(folder, CLASS_NAMES);
  }

  /**
   * Fetches the four files (30 MB) into a folder, unless they are there, and opens them.
   *
   * @throws io.alexnet.data.DatasetException if one cannot be fetched; the message says how to do
   *     it by hand
   */
  public static Split download(Path folder) {
    return Idx.download(folder, BASE, CHECKSUMS, CLASS_NAMES);
  }
}
