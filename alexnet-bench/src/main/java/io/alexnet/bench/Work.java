package io.alexnet.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a benchmark did in an iteration; JMH divides it by the time. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {

  /** Billions of floating-point operations, multiplications and additions counted apart. */
  public double gflop;

  /** Billions of bytes that the kernel must read and write if no cache holds them. */
  public double gigabytes;

  /** Images that went through a whole network. */
  public double images;

  void flops(double operations) {
    gflop += operations * 1e-9;
  }

  void floats(double count) {
    gigabytes += count * Float.BYTES * 1e-9;
  }
}
