package io.alexnet.spark;

import io.alexnet.batch.BatchSource;
import java.io.Serializable;
import java.util.Iterator;

/**
 * Opens one replica's part of the data, on the machine that the replica runs on.
 *
 * @param <T> rows that Spark brings to that machine
 */
@FunctionalInterface
public interface ReplicaData<T> extends Serializable {

  /**
   * One replica's part.
   *
   * @param train its part of every batch
   * @param validation its part of the validation data; null, in every replica, if there are none
   */
  record Part(BatchSource train, BatchSource validation) {}

  /**
   * @param rows those of the replica's partition
   * @param rank which replica it is, from 0
   * @param count how many there are
   * @throws Exception ends the training: say what is wrong with which file
   */
  Part open(Iterator<T> rows, int rank, int count) throws Exception;
}
