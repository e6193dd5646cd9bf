package io.alexnet.data;

import io.alexnet.data.random.SplitMix64;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A dataset in two: what a network learns from and what it is tested with. */
public record Split(Dataset train, Dataset validation) {

  /**
   * Divides each class at random in the same proportion. A class of two images or more is on both
   * sides, a class of one is in training. Both sides keep the dataset's order.
   *
   * @param trainFraction share of the training side, in 0 &lt; fraction &lt; 1
   * @throws IllegalArgumentException if nothing is left for validation
   */
  public static Split stratified(Dataset dataset, double trainFraction, long seed) {
    if (!(trainFraction > 0 && trainFraction < 1)) {
      throw new IllegalArgumentException(
          "the training share must be between 0 and 1, not " + trainFraction);
    }
    boolean[] inTraining = new boolean[dataset.size()];
    int[][] classes = members(dataset);
    for (int label = 0; label < classes.length; label++) {
      int[] members = classes[label];
      SplitMix64.of(seed, label).shuffle(members);
      int count = (int) Math.round(trainFraction * members.length);
      count = Math.max(1, Math.min(count, members.length - 1));
      for (int i = 0; i < Math.min(count, members.length); i++) {
        inTraining[members[i]] = true;
      }
    }
    int[] train = IntStream.range(0, inTraining.length).filter(i -> inTraining[i]).toArray();
    int[] validation = IntStream.range(0, inTraining.length).filter(i -> !inTraining[i]).toArray();
    if (validation.length == 0) {
      throw new IllegalArgumentException(
          "no class has the two images that training and validation need: "
              + Arrays.toString(dataset.classNames().toArray()));
    }
    return new Split(dataset.subset(train), dataset.subset(validation));
  }

  /** Each class's images, in the dataset's order. */
  private static int[][] members(Dataset dataset) {
    int[] counts = new int[dataset.classNames().size()];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.label(i)]++;
    }
    int[][] members = new int[counts.length][];
    Arrays.setAll(members, label -> new int[counts[label]]);
    for (int i = dataset.size() - 1; i >= 0; i--) {
      int label = dataset.label(i);
      members[label][--counts[label]] = i;
    }
    return members;
  }
}
