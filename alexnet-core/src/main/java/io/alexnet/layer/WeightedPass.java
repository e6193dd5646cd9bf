package io.alexnet.layer;

import io.alexnet.kernels.WeightedSum;

/** The pass of a {@link Conv2d} and of a {@link Dense}. */
class WeightedPass extends UnaryPass {

  private final Parameter weight;
  private final Parameter bias;
  private final WeightedSum.Forward forward;
  private final WeightedSum.BackwardData backwardData;
  private final WeightedSum.BackwardWeights backwardWeights;

  /**
   * @param backwardData null where no gradient of the input is asked for
   * @param backwardWeights null where the weights do not learn
   */
  WeightedPass(
      Binding binding,
      WeightedSum.Forward forward,
      WeightedSum.BackwardData backwardData,
      WeightedSum.BackwardWeights backwardWeights) {
    super(binding);
    weight = binding.parameters().get("weight");
    bias = binding.parameters().get("bias");
    this.forward = forward;
    this.backwardData = backwardData;
    this.backwardWeights = backwardWeights;
  }

  @Override
  public void forward(Run run) {
    forward.run(
        run.team(),
        run.workspace(),
        x.array(),
        x.offset(),
        weight.value().array(),
        weight.value().offset(),
        bias == null ? null : bias.value().array(),
        bias == null ? 0 : bias.value().offset(),
        y.array(),
        y.offset());
  }

  @Override
  public void backward(Run run) {
    if (backwardWeights != null) {
      backwardWeights.run(
          run.team(),
          run.workspace(),
          x.array(),
          x.offset(),
          dy.array(),
          dy.offset(),
          weight.gradient().array(),
          weight.gradient().offset(),
          bias == null ? null : bias.gradient().array(),
          bias == null ? 0 : bias.gradient().offset(),
          run.accumulate());
    }
    if (backwardData != null) {
      backwardData.run(
          run.team(),
          run.workspace(),
          dy.array(),
          dy.offset(),
          weight.value().array(),
          weight.value().offset(),
          dx.array(),
          dx.offset());
    }
  }

  @Override
  public int workspace(int threads) {
    int most = forward.workspace(threads);
    if (backwardData != null) {
      most = Math.max(most, backwardData.workspace(threads));
    }
    if (backwardWeights != null) {
      most = Math.max(most, backwardWeights.workspace(threads));
    }
    return most;
  }
}
