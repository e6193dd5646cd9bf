package io.alexnet.layer;

import io.alexnet.kernels.ThreadTeam;
import io.alexnet.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Inputs one after the other along the outermost dimension of an image: the channels of images of
 * one height and width, or the features of vectors. Each input's gradient is its part of the
 * output's.
 */
public record Concat() implements Layer {

  @Override
  public Shape outputShape(List<Shape> inputs) {
    if (inputs.size() < 2) {
      throw new IllegalArgumentException("concat takes two or more inputs, not " + inputs.size());
    }
    int[] first = inputs.get(0).dimensions();
    int[] output = first.clone();
    output[0] = 0;
    for (Shape input : inputs) {
      int[] dimensions = input.dimensions();
      output[0] = (int) Math.min((long) output[0] + dimensions[0], Integer.MAX_VALUE);
      dimensions[0] = first[0];
      if (!Arrays.equals(dimensions, first)) {
        throw new IllegalArgumentException(
            "concat needs inputs that differ in channels only, not %s and %s"
                .formatted(inputs.get(0), input));
      }
    }
    return Shape.of(output);
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of();
  }

  @Override
  public Pass bind(Binding binding) {
    return new ConcatPass(binding);
  }

  private static final class ConcatPass implements Pass {
    private final List<Buffer> xs;
    private final Buffer y;
    private final List<Buffer> dxs;
    private final Buffer dy;
    private final int batch;
    private final ThreadTeam.Task joinImage = (image, worker) -> joinImage(image);
    private final ThreadTeam.Task splitImage = (image, worker) -> splitImage(image);

    ConcatPass(Binding binding) {
      xs = binding.inputs();
      y = binding.output();
      dxs = binding.inputGradients();
      dy = binding.outputGradient();
      batch = binding.batch();
    }

    @Override
    public void forward(Run run) {
      run.team().run(batch, joinImage);
    }

    private void joinImage(int image) {
      int to = y.offset() + image * (y.size() / batch);
      for (int i = 0; i < xs.size(); i++) {
        Buffer x = xs.get(i);
        int part = x.size() / batch;
        System.arraycopy(x.array(), x.offset() + image * part, y.array(), to, part);
        to += part;
      }
    }

    @Override
    public void backward(Run run) {
      run.team().run(batch, splitImage);
    }

    private void splitImage(int image) {
      int from = dy.offset() + image * (dy.size() / batch);
      for (int i = 0; i < dxs.size(); i++) {
        Buffer dx = dxs.get(i);
        int part = xs.get(i).size() / batch;
        if (dx != null) {
          System.arraycopy(dy.array(), from, dx.array(), dx.offset() + image * part, part);
        }
        from += part;
      }
    }
  }
}
