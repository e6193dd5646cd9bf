package io.alexnet.layer;

import io.alexnet.kernels.Pooling;

/** The pass of every average pooling: sliding, adaptive and global. */
final class AveragePass extends UnaryPass {

  private final Pooling.AverageForward forward;
  private final Pooling.AverageBackward backward;

  AveragePass(Binding binding, Pooling.AverageForward forward, Pooling.AverageBackward backward) {
    super(binding);
    this.forward = forward;
    this.backward = backward;
  }

  @Override
  public void forward(Run run) {
    forward.run(run.team(), x.array(), x.offset(), y.array(), y.offset());
  }

  @Override
  public void backward(Run run) {
    if (dx != null) {
      backward.run(run.team(), dy.array(), dy.offset(), dx.array(), dx.offset());
    }
  }
}
