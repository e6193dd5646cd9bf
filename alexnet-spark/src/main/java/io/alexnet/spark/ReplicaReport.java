package io.alexnet.spark;

import java.io.Serializable;

/**
 * Where a replica ran and what its time went to, since the last executor was lost or, without such,
 * from the beginning.
 *
 * @param executor of Spark's, by its name there
 * @param kernels the provider of its kernels: {@code simd-16} or the like, {@code scalar} where the
 *     JVM runs without {@code --add-modules jdk.incubator.vector}
 * @param threads that computed it: {@code spark.task.cpus}
 * @param steps taken
 * @param seconds in all
 * @param exchangeSeconds of these, for sums over all replicas, waiting for slower ones included
 * @param bytesFetched from other replicas
 */
public record ReplicaReport(
    int rank,
    String host,
    String executor,
    String kernels,
    int threads,
    long steps,
    double seconds,
    double exchangeSeconds,
    long bytesFetched)
    implements Serializable {}
