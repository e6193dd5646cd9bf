package io.alexnet.kernels.scalar;

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

/** The reference: one loop nest for each formula, threaded over disjoint outputs. */
public final class ScalarKernels implements Kernels {

  public static final Kernels INSTANCE = new ScalarKernels();

  private ScalarKernels() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public Gemm gemm(GemmShape shape) {
    return new ScalarGemm(shape);
  }

  @Override
  public Dense.Forward denseForward(DenseShape shape) {
    return new ScalarDense.Forward(shape);
  }

  @Override
  public Dense.BackwardData denseBackwardData(DenseShape shape) {
    return new ScalarDense.BackwardData(shape);
  }

  @Override
  public Dense.BackwardWeights denseBackwardWeights(DenseShape shape) {
    return new ScalarDense.BackwardWeights(shape);
  }

  @Override
  public ConvAlgorithm plan(ConvShape shape, ConvPass pass) {
    return ConvAlgorithm.LOOPS;
  }

  @Override
  public boolean supports(ConvShape shape, ConvAlgorithm algorithm) {
    return algorithm == ConvAlgorithm.AUTO || algorithm == ConvAlgorithm.LOOPS;
  }

  @Override
  public ConvCost cost(ConvShape shape, ConvPass pass, ConvAlgorithm algorithm) {
    requireLoops(algorithm);
    return new ConvCost(shape.flops() / 2, shape.flops() / 2);
  }

  @Override
  public Convolution.Forward convolutionForward(ConvShape shape, ConvAlgorithm algorithm) {
    requireLoops(algorithm);
    return new ScalarConvolution.Forward(shape);
  }

  @Override
  public Convolution.Forward convolutionInference(
      ConvShape shape, ConvAlgorithm algorithm, PreparedWeights prepared) {
    return convolutionForward(shape, algorithm);
  }

  @Override
  public Convolution.BackwardData convolutionBackwardData(
      ConvShape shape, ConvAlgorithm algorithm) {
    requireLoops(algorithm);
    return new ScalarConvolution.BackwardData(shape);
  }

  @Override
  public Convolution.BackwardWeights convolutionBackwardWeights(
      ConvShape shape, ConvAlgorithm algorithm) {
    requireLoops(algorithm);
    return new ScalarConvolution.BackwardWeights(shape);
  }

  private static void requireLoops(ConvAlgorithm algorithm) {
    if (algorithm != ConvAlgorithm.AUTO && algorithm != ConvAlgorithm.LOOPS) {
      throw new IllegalArgumentException(
          "the scalar provider convolves by AUTO or LOOPS, not " + algorithm);
    }
  }

  @Override
  public Pooling.MaxForward maxPoolForward(PoolShape shape) {
    return new ScalarMaxPooling.Forward(shape);
  }

  @Override
  public Pooling.MaxBackward maxPoolBackward(PoolShape shape) {
    return new ScalarMaxPooling.Backward(shape);
  }

  @Override
  public Pooling.AverageForward averagePoolForward(PoolShape shape) {
    return new ScalarAveragePooling.Forward(shape);
  }

  @Override
  public Pooling.AverageBackward averagePoolBackward(PoolShape shape) {
    return new ScalarAveragePooling.Backward(shape);
  }

  @Override
  public Pooling.AverageForward adaptiveAveragePoolForward(AdaptivePoolShape shape) {
    return new ScalarAveragePooling.Forward(shape);
  }

  @Override
  public Pooling.AverageBackward adaptiveAveragePoolBackward(AdaptivePoolShape shape) {
    return new ScalarAveragePooling.Backward(shape);
  }

  @Override
  public ChannelLrn.Forward lrnForward(LrnShape shape) {
    return new ScalarChannelLrn.Forward(shape);
  }

  @Override
  public ChannelLrn.Backward lrnBackward(LrnShape shape) {
    return new ScalarChannelLrn.Backward(shape);
  }

  @Override
  public BatchNorm.Training batchNormTraining(BatchNormShape shape) {
    return new ScalarBatchNorm.Training(shape);
  }

  @Override
  public BatchNorm.Inference batchNormInference(BatchNormShape shape) {
    return new ScalarBatchNorm.Inference(shape);
  }

  @Override
  public BatchNorm.Backward batchNormBackward(BatchNormShape shape) {
    return new ScalarBatchNorm.Backward(shape);
  }

  @Override
  public Activation.Forward activationForward(
      ActivationFunction function, float slope, int length) {
    return new ScalarActivation.Forward(function, slope, length);
  }

  @Override
  public Activation.Backward activationBackward(
      ActivationFunction function, float slope, int length) {
    return new ScalarActivation.Backward(function, slope, length);
  }

  @Override
  public Softmax.Forward softmaxForward(int batch, int classes) {
    return new ScalarSoftmax.Forward(batch, classes);
  }

  @Override
  public Softmax.Backward softmaxBackward(int batch, int classes) {
    return new ScalarSoftmax.Backward(batch, classes);
  }

  @Override
  public Softmax.CrossEntropy softmaxCrossEntropy(int batch, int classes) {
    return new ScalarSoftmax.CrossEntropy(batch, classes);
  }

  @Override
  public Dropout dropout(int length, float rate) {
    return new ScalarDropout(length, rate);
  }

  @Override
  public ParameterUpdate.Sgd sgd(int length) {
    return new ScalarParameterUpdate.Sgd(length);
  }

  @Override
  public ParameterUpdate.Adam adam(int length) {
    return new ScalarParameterUpdate.Adam(length);
  }

  @Override
  public Arithmetic arithmetic(int length) {
    return new ScalarArithmetic(length);
  }
}
