package io.alexnet.format;

import io.alexnet.graph.Node;

/**
 * An image with a margin of one value around it, as ONNX's Pad makes it, until the window comes
 * that it is for.
 */
record PaddedImage(Node node, int top, int left, int bottom, int right, float value) {

  static PaddedImage without(Node image) {
    return new PaddedImage(image, 0, 0, 0, 0, 0);
  }

  boolean isPadded() {
    return top + left + bottom + right > 0;
  }
}
