package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.alexnet.kernels.Kernels;
import io.alexnet.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int STEPS = 10;

  /** Until the JIT has compiled the vector code, every vector operation allocates. */
  private static final Duration WARM_UP = Duration.ofSeconds(60);

  private static long allocatedBy(List<Thread> threads) {
    long bytes = 0;
    for (int i = 0; i < threads.size(); i++) {
      bytes += THREADS.getThreadAllocatedBytes(threads.get(i).getId());
    }
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"scalar, false", "simd, false", "simd, true"})
  void aWarmTrainingStepAllocatesLessThanAKilobyte(String provider, boolean frozen) {
    Kernels kernels = provider.equals("simd") ? Kernels.simd() : Kernels.scalar();
    try (Network network =
        Network.builder(NetworkTest.mixed()).threads(2).kernels(kernels).build()) {
      if (frozen) {
        network.freeze("bn2", "conv2"); // gradients go through them to conv1
      }
      List<Thread> threads =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t == Thread.currentThread() || t.getName().startsWith("alexnet-team"))
              .toList();
      Tensor large = NetworkTest.random(network.inputShape().prepend(8), "large");
      Tensor small = NetworkTest.random(network.inputShape().prepend(5), "small");
      Tensor largeGradient = NetworkTest.random(network.outputShape().prepend(8), "large");
      Tensor smallGradient = NetworkTest.random(network.outputShape().prepend(5), "small");

      long start = System.nanoTime();
      long perStep;
      do {
        long before = allocatedBy(threads);
        for (int step = 0; step < STEPS; step++) {
          network.forward(large, step);
          network.backward(largeGradient, false);
          network.forward(small, step);
          network.backward(smallGradient, true);
          network.infer(small);
        }
        perStep = (allocatedBy(threads) - before) / STEPS;
      } while (perStep >= 1024 && System.nanoTime() - start < WARM_UP.toNanos());
      long bytes = perStep;
      assertTrue(perStep < 1024, () -> bytes + " bytes a step on " + threads);
    }
  }
}
