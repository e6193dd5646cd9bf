package io.alexnet.train;

import io.alexnet.batch.BatchSource;
import java.util.List;

/**
 * What a training is by its data: of all replicas together, if there are several.
 *
 * @param size examples in an epoch
 * @param batchSize examples in a batch
 * @param batches in an epoch
 * @param fingerprint see {@link BatchSource#fingerprint}; empty if nobody asks for it
 */
record TrainingData(
    long size, int batchSize, int batches, List<String> classNames, String fingerprint) {

  static TrainingData of(BatchSource source, String fingerprint) {
    return new TrainingData(
        source.size(), source.batchSize(), source.batches(), source.classNames(), fingerprint);
  }

  /** Whether an epoch that was begun with the others can go on with these. */
  boolean continues(TrainingData others) {
    boolean sameFingerprint =
        fingerprint.equals(others.fingerprint)
            || fingerprint.isEmpty()
            || others.fingerprint.isEmpty();
    return size == others.size
        && batchSize == others.batchSize
        && batches == others.batches
        && classNames.equals(others.classNames)
        && sameFingerprint;
  }
}
