/**
 * The kernels of convolutional networks: {@code float[]} in, {@code float[]} out, each once as a
 * scalar reference and once in SIMD. Knows nothing of tensors, layers or training.
 */
module io.alexnet.kernels {
  requires jdk.incubator.vector;
  requires jdk.management;
  requires org.slf4j;

  exports io.alexnet.kernels;
}
