package io.alexnet.layer;

import io.alexnet.kernels.AdaptivePoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.tensor.Shape;

/** The pass of every average pooling: sliding, adaptive and global. */
final class AveragePass extends UnaryPass {

  private final Pooling.AverageForward forward;
  private final Pooling.AverageBackward backward;

  AveragePass(Binding binding, Pooling.AverageForward forward, Pooling.AverageBackward backward) {
    super(binding);
    this.forward = forward;
    this.backward = backward;
  }

  /** The binding's one image in, means of its parts out, outHeight by outWidth for each channel. */
  static AveragePass adaptive(Binding binding, int outHeight, int outWidth) {
    Shape input = binding.input().shape();
    AdaptivePoolShape shape =
        new AdaptivePoolShape(
            binding.batch(),
            input.dimension(1),
            input.dimension(2),
            input.dimension(3),
            outHeight,
            outWidth);
    return new AveragePass(
        binding,
        binding.kernels().adaptiveAveragePoolForward(shape),
        binding.kernels().adaptiveAveragePoolBackward(shape));
  }

  @Override
  public void forward(Run run) {
    forward.run(run.team(), x.array(), x.offset(), y.array(), y.offset());
  }

  @Override
  public void backward(Run run) {
    backward.run(run.team(), dy.array(), dy.offset(), dx.array(), dx.offset());
  }
}
