package io.alexnet.layer;

import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.LrnShape;
import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * Local response normalisation across neighbouring channels (Krizhevsky et al. 2012, section 3.3):
 * y_c = x_c · (k + α/n · Σ x_j²)^−β, over the n channels around c, cut at the ends.
 *
 * <p>Input channels×height×width, output the same.
 *
 * @param size the window's channels n, odd
 * @param alpha divided by {@code size}, as in cuda-convnet, Caffe, PyTorch and ONNX; the paper
 *     writes it without
 */
public record LocalResponseNorm(int size, float alpha, float beta, float k) implements UnaryLayer {

  /** Throws {@link IllegalArgumentException} for values that {@link LrnShape} refuses. */
  public LocalResponseNorm {
    new LrnShape(1, 1, 1, size, alpha, beta, k);
  }

  /** The paper's: n = 5, α = 1e-4, β = 0.75, k = 2. */
  public static LocalResponseNorm paper() {
    return new LocalResponseNorm(5, 1e-4f, 0.75f, 2);
  }

  @Override
  public Shape outputShape(Shape input) {
    return UnaryLayer.requireImage(input);
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.KEEPS_INPUT, BufferUse.GRADIENT_IN_PLACE);
  }

  @Override
  public Pass bind(Binding binding) {
    return new LrnPass(binding, this);
  }

  private static final class LrnPass extends UnaryPass {
    private final ChannelLrn.Forward forward;
    private final ChannelLrn.Backward backward;

    LrnPass(Binding binding, LocalResponseNorm layer) {
      super(binding);
      LrnShape shape =
          new LrnShape(
              binding.batch(),
              x.shape().dimension(1),
              x.shape().dimension(2) * x.shape().dimension(3),
              layer.size,
              layer.alpha,
              layer.beta,
              layer.k);
      forward = binding.kernels().lrnForward(shape);
      backward = dx == null ? null : binding.kernels().lrnBackward(shape);
    }

    @Override
    public void forward(Run run) {
      forward.run(run.team(), x.array(), x.offset(), y.array(), y.offset());
    }

    @Override
    public void backward(Run run) {
      backward.run(
          run.team(), x.array(), x.offset(), dy.array(), dy.offset(), dx.array(), dx.offset());
    }
  }
}
