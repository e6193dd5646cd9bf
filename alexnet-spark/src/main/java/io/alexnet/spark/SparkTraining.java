package io.alexnet.spark;

import io.alexnet.graph.Network;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What came out of a training on a cluster. */
public final class SparkTraining {

  private final History history;
  private final List<ReplicaReport> replicas;
  private final byte[] weights;

  SparkTraining(History history, List<ReplicaReport> replicas, byte[] weights) {
    this.history = history;
    this.replicas = List.copyOf(replicas);
    this.weights = weights;
  }

  /** The figures of all replicas' examples; rates and times are the first one's. */
  public History history() {
    return history;
  }

  /** By rank. */
  public List<ReplicaReport> replicas() {
    return replicas;
  }

  /** The trained parameters and batch norm's statistics, as the bytes of a safetensors file. */
  public byte[] weights() {
    return weights.clone();
  }

  /**
   * Gives the trained weights to a network of the same graph.
   *
   * @throws IllegalArgumentException if it is of another one
   * @throws IOException if there is no room for a temporary file
   */
  public void loadInto(Network network) throws IOException {
    Path file = Files.createTempFile("alexnet-weights-", ".safetensors");
    try {
      Files.write(file, weights);
      Checkpoint.loadWeights(file, network);
    } catch (CheckpointException e) { // of a file that nobody can look at
      throw new IllegalArgumentException(
          "the trained weights: " + e.getMessage().replace(file + ": ", ""), e);
    } finally {
      Files.delete(file);
    }
  }
}
