package io.alexnet.peers;

import java.util.List;
import java.util.Random;

/**
 * What every engine is to do: the ungrouped AlexNet, 1000 classes, on one batch of noise.
 *
 * @param channelsLast whether libtorch stores images channel by channel in a pixel
 */
record Task(boolean train, int batch, int threads, boolean lrn, boolean channelsLast) {

  static final int SIZE = 227;
  static final int CLASSES = 1000;
  static final long PARAMETERS = 62_378_344;

  static final float RATE = 0.01f;
  static final float MOMENTUM = 0.9f;
  static final float DECAY = 5e-4f;

  Task withBatch(int size) {
    return new Task(train, size, threads, lrn, channelsLast);
  }

  Task inChannelsLast(boolean wanted) {
    return new Task(train, batch, threads, lrn, wanted);
  }

  List<String> arguments() {
    return List.of("" + train, "" + batch, "" + threads, "" + lrn, "" + channelsLast);
  }

  static Task parse(List<String> arguments) {
    return new Task(
        Boolean.parseBoolean(arguments.get(0)),
        Integer.parseInt(arguments.get(1)),
        Integer.parseInt(arguments.get(2)),
        Boolean.parseBoolean(arguments.get(3)),
        Boolean.parseBoolean(arguments.get(4)));
  }

  /** Normal noise, (batch, 3, 227, 227): the same for every engine. */
  float[] images() {
    Random random = new Random(1);
    float[] images = new float[batch * 3 * SIZE * SIZE];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    return images;
  }

  int[] labels() {
    int[] labels = new int[batch];
    for (int n = 0; n < batch; n++) {
      labels[n] = n * 37 % CLASSES;
    }
    return labels;
  }

  /** Mean softmax cross-entropy of logits (batch, classes). */
  double loss(float[] logits) {
    int[] labels = labels();
    double sum = 0;
    for (int n = 0; n < batch; n++) {
      double exponentials = 0;
      for (int c = 0; c < CLASSES; c++) {
        exponentials += Math.exp(logits[n * CLASSES + c]);
      }
      sum += Math.log(exponentials) - logits[n * CLASSES + labels[n]];
    }
    return sum / batch;
  }

  /** Mean cross-entropy of probabilities (batch, classes). */
  double lossOfProbabilities(float[] probabilities) {
    int[] labels = labels();
    double sum = 0;
    for (int n = 0; n < batch; n++) {
      sum -= Math.log(probabilities[n * CLASSES + labels[n]]);
    }
    return sum / batch;
  }
}
