package io.alexnet.batch;

import io.alexnet.tensor.Tensor;

/**
 * Some examples: images [size][channels][height][width] and their labels. After mixup each image is
 * a mixture: {@code share} of one with its label, the rest of another, its partner. The loss of
 * such an example is share · loss(label) + (1 − share) · loss(partner's label).
 *
 * @param labels of length images.shape().dimension(0), each in 0 ≤ label &lt; classes
 * @param partnerLabels of the same length
 * @param share from 0 to 1, the same for all images; 1 for images that are not mixed
 */
public record Batch(Tensor images, int[] labels, int[] partnerLabels, float share) {

  /** Throws {@link IllegalArgumentException} if a length or the share is not as said above. */
  public Batch {
    if (images.shape().rank() == 0 || images.shape().dimension(0) != labels.length) {
      throw new IllegalArgumentException(
          "%d labels for images of shape %s".formatted(labels.length, images.shape()));
    }
    if (partnerLabels.length != labels.length) {
      throw new IllegalArgumentException(
          "%d labels but %d of partners".formatted(labels.length, partnerLabels.length));
    }
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("the share must be from 0 to 1, not " + share);
    }
  }

  /** Images that are not mixed. */
  public Batch(Tensor images, int[] labels) {
    this(images, labels, labels, 1);
  }

  public int size() {
    return labels.length;
  }

  /** The label of the larger part of each image. */
  public int[] mainLabels() {
    return share >= 0.5f ? labels : partnerLabels;
  }
}
