package io.alexnet.format;

import io.alexnet.kernels.Window;
import io.alexnet.tensor.Shape;
import java.util.Arrays;

/** What the attributes of a convolution or a pool say of its window. */
final class OnnxWindow {

  private OnnxWindow() {}

  /** Of a pool, whose attributes say how large it is. */
  static Window ofPool(OnnxNode node, PaddedImage image, boolean roundUp) throws FormatException {
    long[] kernel = node.integers("kernel_shape");
    if (kernel == null || kernel.length != 2) {
      throw node.refusal(
          "needs a kernel_shape of height and width, not %s", Arrays.toString(kernel));
    }
    int height = node.bounded("kernel_shape", kernel[0], 1);
    int width = node.bounded("kernel_shape", kernel[1], 1);
    Window window = of(node, image, height, width);
    Shape shape = image.node().shape();
    int rows = shape.dimension(1) + window.padTop();
    int columns = shape.dimension(2) + window.padLeft();
    if (roundUp
        && (beginsInMargin(
                rows,
                image.bottom(),
                window.padBottom(),
                window.extentHeight(),
                window.strideHeight())
            || beginsInMargin(
                columns,
                image.right(),
                window.padRight(),
                window.extentWidth(),
                window.strideWidth()))) {
      throw node.refusal("has ceil_mode and a last window in nothing but the margin of a Pad");
    }
    return window;
  }

  /**
   * Whether the last window begins behind the image, but not behind the margin that a Pad has added
   * to it: to ONNX that is the image, so the window counts, where {@link
   * io.alexnet.kernels.PoolShape} drops it.
   *
   * @param size the image and all that is before it
   * @param after all that is behind it, the margin included
   */
  private static boolean beginsInMargin(int size, int margin, int after, int extent, int stride) {
    int room = size + after - extent;
    int begin = (room + stride - 1) / stride * stride;
    return begin >= size && begin < size + margin;
  }

  /** The window over the image without its margin: its padding has the margin, too. */
  static Window of(OnnxNode node, PaddedImage image, int height, int width) throws FormatException {
    int[] strides = node.boundedList("strides", 2, 1);
    int[] dilations = node.boundedList("dilations", 2, 1);
    int[] own = node.boundedList("pads", 4, 0);
    long extentHeight = (height - 1L) * dilations[0] + 1;
    long extentWidth = (width - 1L) * dilations[1] + 1;
    Shape shape = image.node().shape();
    long imageHeight = (long) shape.dimension(1) + image.top() + image.bottom();
    long imageWidth = (long) shape.dimension(2) + image.left() + image.right();
    String auto = node.text("auto_pad", "NOTSET");
    switch (auto) {
      case "NOTSET" -> {}
      case "VALID" -> Arrays.fill(own, 0);
      case "SAME_UPPER", "SAME_LOWER" -> {
        long rows = padding(node, imageHeight, extentHeight, strides[0]);
        long columns = padding(node, imageWidth, extentWidth, strides[1]);
        int more = auto.equals("SAME_UPPER") ? 0 : 1; // where the odd one goes
        own[0] = (int) ((rows + more) / 2);
        own[1] = (int) ((columns + more) / 2);
        own[2] = (int) rows - own[0];
        own[3] = (int) columns - own[1];
      }
      default -> throw node.refusal("has the auto_pad %s, which is not supported", auto);
    }
    if (extentHeight > imageHeight + own[0] + own[2]
        || extentWidth > imageWidth + own[1] + own[3]) {
      throw node.refusal(
          "has a window of %d×%d, which does not fit into its padded input of %d×%d",
          extentHeight, extentWidth, imageHeight + own[0] + own[2], imageWidth + own[1] + own[3]);
    }
    return new Window(
        height,
        width,
        strides[0],
        strides[1],
        image.top() + own[0],
        image.left() + own[1],
        image.bottom() + own[2],
        image.right() + own[3],
        dilations[0],
        dilations[1]);
  }

  /** Of both sides, for ⌈size/stride⌉ places of the window. */
  private static long padding(OnnxNode node, long size, long extent, int stride)
      throws FormatException {
    long outputs = (size + stride - 1) / stride;
    return node.bounded("auto_pad", Math.max(0, (outputs - 1) * stride + extent - size), 0);
  }
}
