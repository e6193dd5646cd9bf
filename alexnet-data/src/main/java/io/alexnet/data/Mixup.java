package io.alexnet.data;

import io.alexnet.batch.Batch;
import io.alexnet.tensor.Tensor;

/**
 * Mixes the images of a batch in pairs (Zhang et al., "mixup: beyond empirical risk minimization",
 * 2018): the first with the last, the second with the last but one, and so on, as timm does. In an
 * order that is shuffled these are random pairs, and they can be mixed in place. An image in the
 * middle stays as it is.
 */
final class Mixup {

  private Mixup() {}

  /**
   * Mixes the first {@code size} images, each becoming share · itself + (1 − share) · its partner.
   *
   * @param batch as long as {@code size} or longer
   * @return the same images and labels, with the partners' labels
   */
  static Batch mix(Batch batch, int size, float share) {
    Tensor images = batch.images();
    float[] array = images.array();
    int length = images.size() / batch.size();
    int[] labels = batch.labels();
    int[] partners =
        batch.partnerLabels() == labels ? new int[labels.length] : batch.partnerLabels();
    for (int first = 0, last = size - 1; first <= last; first++, last--) {
      partners[first] = labels[last];
      partners[last] = labels[first];
      if (first < last && share != 1) {
        mix(
            array,
            images.offset() + first * length,
            images.offset() + last * length,
            length,
            share);
      }
    }
    return new Batch(images, labels, partners, share);
  }

  private static void mix(float[] array, int first, int last, int length, float share) {
    for (int i = 0; i < length; i++) {
      float a = array[first + i];
      float b = array[last + i];
      array[first + i] = share * a + (1 - share) * b;
      array[last + i] = share * b + (1 - share) * a;
    }
  }
}
