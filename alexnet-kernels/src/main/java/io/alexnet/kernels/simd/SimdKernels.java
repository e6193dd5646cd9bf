package io.alexnet.kernels.simd;

import io.alexnet.kernels.Activation;
import io.alexnet.kernels.ActivationFunction;
import io.alexnet.kernels.AdaptivePoolShape;
import io.alexnet.kernels.Arithmetic;
import io.alexnet.kernels.BatchNorm;
import io.alexnet.kernels.BatchNormShape;
import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvCost;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Dense;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.Dropout;
import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.ParameterUpdate;
import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.Softmax;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.incubator.vector.FloatVector;

/** The fast twins of the scalar kernels, on vectors of the machine's preferred width. */
public final class SimdKernels implements Kernels {

  public static final Kernels INSTANCE = new SimdKernels();

  private final AtomicBoolean warm = new AtomicBoolean();

  private SimdKernels() {}

  @Override
  public String name() {
    return "simd-" + lanes();
  }

  @Override
  public int lanes() {
    return FloatVector.SPECIES_PREFERRED.length();
  }

  @Override
  public void warmUp() {
    if (warm.compareAndSet(false, true)) {
      WarmUp.run();
    }
  }

  @Override
  public Gemm gemm(GemmShape shape) {
    return new SimdGemm(shape);
  }

  @Override
  public Dense.Forward denseForward(DenseShape shape) {
    return SmallBatchDense.fits(shape) ? new SmallBatchDense(shape) : new SimdDense.Forward(shape);
  }

  @Override
  public Dense.BackwardData denseBackwardData(DenseShape shape) {
    return new SimdDense.BackwardData(shape);
  }

  @Override
  public Dense.BackwardWeights denseBackwardWeights(DenseShape shape) {
    return new SimdDense.BackwardWeights(shape);
  }

  @Override
  public ConvAlgorithm plan(ConvShape shape, ConvPass pass) {
    return ConvPlanner.choose(shape, pass);
  }

  @Override
  public boolean supports(ConvShape shape, ConvAlgorithm algorithm) {
    return ConvPlanner.supports(shape, algorithm);
  }

  @Override
  public ConvCost cost(ConvShape shape, ConvPass pass, ConvAlgorithm algorithm) {
    return ConvPlanner.cost(shape, pass, algorithm);
  }

  @Override
  public Convolution.Forward convolutionForward(ConvShape shape, ConvAlgorithm algorithm) {
    return ConvPlanner.forward(shape, ConvPass.FORWARD, algorithm, null);
  }

  @Override
  public Convolution.Forward convolutionInference(
      ConvShape shape, ConvAlgorithm algorithm, PreparedWeights prepared) {
    return ConvPlanner.forward(shape, ConvPass.INFERENCE, algorithm, prepared);
  }

  @Override
  public Convolution.BackwardData convolutionBackwardData(
      ConvShape shape, ConvAlgorithm algorithm) {
    return ConvPlanner.backwardData(shape, algorithm);
  }

  @Override
  public Convolution.BackwardWeights convolutionBackwardWeights(
      ConvShape shape, ConvAlgorithm algorithm) {
    return ConvPlanner.backwardWeights(shape, algorithm);
  }

  @Override
  public Pooling.MaxForward maxPoolForward(PoolShape shape) {
    return new SimdMaxPooling(shape);
  }

  @Override
  public Pooling.MaxBackward maxPoolBackward(PoolShape shape) {
    return Kernels.scalar().maxPoolBackward(shape);
  }

  @Override
  public Pooling.AverageForward averagePoolForward(PoolShape shape) {
    return new SimdAveragePooling.Forward(shape);
  }

  @Override
  public Pooling.AverageBackward averagePoolBackward(PoolShape shape) {
    return new SimdAveragePooling.Backward(shape);
  }

  @Override
  public Pooling.AverageForward adaptiveAveragePoolForward(AdaptivePoolShape shape) {
    return new SimdAveragePooling.Forward(shape);
  }

  @Override
  public Pooling.AverageBackward adaptiveAveragePoolBackward(AdaptivePoolShape shape) {
    return new SimdAveragePooling.Backward(shape);
  }

  @Override
  public ChannelLrn.Forward lrnForward(LrnShape shape) {
    if (SimdFiveChannelLrn.supports(shape)) {
      return new SimdFiveChannelLrn.Forward(shape);
    }
    return SimdChannelLrn.supports(shape)
        ? new SimdChannelLrn.Forward(shape)
        : new SimdSmallPlaneLrn.Forward(shape);
  }

  @Override
  public ChannelLrn.Backward lrnBackward(LrnShape shape) {
    if (SimdFiveChannelLrn.supports(shape)) {
      return new SimdFiveChannelLrn.Backward(shape);
    }
    return SimdChannelLrn.supports(shape)
        ? new SimdChannelLrn.Backward(shape)
        : new SimdSmallPlaneLrn.Backward(shape);
  }

  @Override
  public BatchNorm.Training batchNormTraining(BatchNormShape shape) {
    return SimdBatchNorm.supports(shape)
        ? new SimdBatchNorm.Training(shape)
        : new SimdSmallPlaneBatchNorm.Training(shape);
  }

  @Override
  public BatchNorm.Inference batchNormInference(BatchNormShape shape) {
    return SimdBatchNorm.supports(shape)
        ? new SimdBatchNorm.Inference(shape)
        : new SimdSmallPlaneBatchNorm.Inference(shape);
  }

  @Override
  public BatchNorm.Backward batchNormBackward(BatchNormShape shape) {
    return SimdBatchNorm.supports(shape)
        ? new SimdBatchNorm.Backward(shape)
        : new SimdSmallPlaneBatchNorm.Backward(shape);
  }

  @Override
  public Activation.Forward activationForward(
      ActivationFunction function, float slope, int length) {
    return new SimdActivation.Forward(function, slope, length);
  }

  @Override
  public Activation.Backward activationBackward(
      ActivationFunction function, float slope, int length) {
    return new SimdActivation.Backward(function, slope, length);
  }

  @Override
  public Softmax.Forward softmaxForward(int batch, int classes) {
    return new SimdSoftmax.Forward(batch, classes);
  }

  @Override
  public Softmax.Backward softmaxBackward(int batch, int classes) {
    return new SimdSoftmax.Backward(batch, classes);
  }

  @Override
  public Softmax.CrossEntropy softmaxCrossEntropy(int batch, int classes) {
    return new SimdSoftmax.CrossEntropy(batch, classes);
  }

  @Override
  public Dropout dropout(int length, float rate) {
    return new SimdDropout(length, rate);
  }

  @Override
  public ParameterUpdate.Sgd sgd(int length) {
    return new SimdParameterUpdate.Sgd(length);
  }

  @Override
  public ParameterUpdate.Adam adam(int length) {
    return new SimdParameterUpdate.Adam(length);
  }

  @Override
  public Arithmetic arithmetic(int length) {
    return new SimdArithmetic(length);
  }
}
