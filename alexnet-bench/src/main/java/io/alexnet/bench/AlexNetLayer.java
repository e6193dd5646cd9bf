package io.alexnet.bench;

import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Window;

/** The convolutions of the ungrouped AlexNet (Krizhevsky et al. 2012, section 3.5). */
public enum AlexNetLayer {
  CONV1(3, 227, 96, Window.square(11).stride(4)),
  CONV2(96, 27, 256, Window.square(5).padding(2)),
  CONV3(256, 13, 384, Window.square(3).padding(1)),
  CONV4(384, 13, 384, Window.square(3).padding(1)),
  CONV5(384, 13, 256, Window.square(3).padding(1));

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
