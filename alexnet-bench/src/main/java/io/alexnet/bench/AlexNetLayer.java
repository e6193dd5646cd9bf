package io.alexnet.bench;

import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Window;

/** The convolutions of the ungrouped AlexNet (Krizhevsky et al. 2012, section 3.5). */
public enum AlexNetLayer {
  CONV1(3, 227, 96, new Window(11, 11, 4, 4, 0, 0, 0, 0, 1, 1)),
  CONV2(96, 27, 256, new Window(5, 5, 1, 1, 2, 2, 2, 2, 1, 1)),
  CONV3(256, 13, 384, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1)),
  CONV4(384, 13, 384, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1)),
  CONV5(384, 13, 256, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1));

  private final int channels;
  private final int size;
  private final int filters;
  private final Window window;

  AlexNetLayer(int channels, int size, int filters, Window window) {
    this.channels = channels;
    this.size = size;
    this.filters = filters;
    this.window = window;
  }

  ConvShape shape(int batch) {
    return new ConvShape(batch, channels, size, size, filters, window, 1);
  }
}
