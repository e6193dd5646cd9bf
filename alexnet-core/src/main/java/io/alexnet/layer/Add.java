package io.alexnet.layer;

import io.alexnet.kernels.Arithmetic;
import io.alexnet.tensor.Shape;
import java.util.List;
import java.util.Set;

/**
 * The sum of two or more inputs of one shape, element by element, as at the end of a residual block
 * (He et al. 2016). Every input gets the output's gradient.
 */
public record Add() implements Layer {

  @Override
  public Shape outputShape(List<Shape> inputs) {
    if (inputs.size() < 2) {
      throw new IllegalArgumentException("add takes two or more inputs, not " + inputs.size());
    }
    for (Shape input : inputs) {
      if (!input.equals(inputs.get(0))) {
        throw new IllegalArgumentException(
            "add needs inputs of one shape, not %s and %s".formatted(inputs.get(0), input));
      }
    }
    return inputs.get(0);
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.IN_PLACE, BufferUse.GRADIENT_IN_PLACE);
  }

  @Override
  public Pass bind(Binding binding) {
    return new AddPass(binding);
  }

  private static final class AddPass implements Pass {
    private final List<Buffer> xs;
    private final Buffer y;
    private final List<Buffer> dxs;
    private final Buffer dy;
    private final Arithmetic arithmetic;

    AddPass(Binding binding) {
      xs = binding.inputs();
      y = binding.output();
      dxs = binding.inputGradients();
      dy = binding.outputGradient();
      arithmetic = binding.kernels().arithmetic(y.size());
    }

    @Override
    public void forward(Run run) {
      Buffer sum = xs.get(0);
      for (int i = 1; i < xs.size(); i++) {
        Buffer x = xs.get(i);
        arithmetic.add(
            run.team(), sum.array(), sum.offset(), x.array(), x.offset(), y.array(), y.offset());
        sum = y;
      }
    }

    @Override
    public void backward(Run run) {
      for (int i = 0; i < dxs.size(); i++) {
        if (dxs.get(i) != null) {
          dxs.get(i).copyFrom(dy);
        }
      }
    }
  }
}
