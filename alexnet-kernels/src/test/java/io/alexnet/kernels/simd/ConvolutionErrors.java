package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Rounding errors of one pass of a convolution with stride and dilation 1, against sums in double
 * at outputs taken at random. {@link #main} prints the tables of {@code docs/convolution.md}.
 */
final class ConvolutionErrors {

  /** Outputs that are held against the sum in double, or all of them if there are fewer. */
  private static final int SAMPLES = 1000;

  /**
   * What the pass reads: the source is x, or dy in the backward pass to it; the gradient is dy in
   * the backward pass to the weights. Weights are always N(0, 1).
   */
  enum Data {
    GAUSSIAN("N(0, 1)"),
    /** Behind a ReLU: half of the values are 0, and half of the gradients. */
    SPARSE("half zeros"),
    /** The mean of the source is a hundred times its deviation. */
    LARGE_MEAN("100 + N(0, 1)"),
    /** Gradients as small as they come, still far from float's smallest normal number. */
    TINY("10⁻²⁰·N(0, 1)"),
    /** Either sign and magnitudes from 10⁻⁶ to 10⁶, log-uniform, each value for itself. */
    MIXED("±10⁻⁶…10⁶, each value"),
    /** The same magnitudes for each pixel of the source, times N(0, 1) for its channels. */
    MIXED_PIXELS("±10⁻⁶…10⁶, each pixel");

    final String text;

    Data(String text) {
      this.text = text;
    }

    private float[] source(
        SplittableRandom random, ConvPass pass, int batch, int planes, int pixels) {
      float[] values = new float[batch * planes * pixels];
      double[] scales = new double[pixels];
      for (int image = 0, i = 0; image < batch; image++) {
        Arrays.setAll(scales, p -> this == MIXED_PIXELS ? magnitude(random) : 1);
        for (int plane = 0; plane < planes; plane++) {
          for (int p = 0; p < pixels; p++) {
            values[i++] = (float) (scales[p] * source(random, pass));
          }
        }
      }
      return values;
    }

    private double source(SplittableRandom random, ConvPass pass) {
      double normal = random.nextGaussian();
      return switch (this) {
        case GAUSSIAN, MIXED_PIXELS -> normal;
        case SPARSE -> Math.max(0, normal);
        case LARGE_MEAN -> 100 + normal;
        // In the pass to the weights the products would vanish if both were tiny.
        case TINY -> pass == ConvPass.BACKWARD_WEIGHTS ? normal : 1e-20 * normal;
        case MIXED -> Math.copySign(magnitude(random), normal);
      };
    }

    private float gradient(SplittableRandom random) {
      double normal = random.nextGaussian();
      return (float)
          switch (this) {
            case GAUSSIAN, LARGE_MEAN, MIXED_PIXELS -> normal;
            case SPARSE -> random.nextBoolean() ? normal : 0;
            case TINY -> 1e-20 * normal;
            case MIXED -> Math.copySign(magnitude(random), normal);
          };
    }

    private static double magnitude(SplittableRandom random) {
      return Math.pow(10, random.nextDouble(-6, 6));
    }
  }

  /**
   * @param ofValues rms error / rms value, of all outputs together
   * @param ofTerms rms of error / Σ|a·b|, each output's error by the sum of its own terms'
   *     magnitudes; infinite if an output without terms is not 0
   */
  record Errors(double ofValues, double ofTerms) {}

  private final ConvShape shape;
  private final ConvPass pass;

  /** x or dy. */
  private final float[] source;

  /** The weights, or dy in the pass to them. */
  private final float[] factor;

  private final int[] samples;
  private final double[] sums;
  private final double[] magnitudes;
  private final float[] result;

  ConvolutionErrors(ConvShape shape, ConvPass pass, Data data, long seed) {
    this.shape = shape;
    this.pass = pass;
    SplittableRandom random = new SplittableRandom(seed);
    int pixels = shape.height() * shape.width();
    int outPixels = shape.outHeight() * shape.outWidth();
    int images = shape.batch() * shape.channels() * pixels;
    int outputs = shape.batch() * shape.filters() * outPixels;
    int weights = shape.filters() * shape.weightsPerFilter();
    boolean ofOutput = pass == ConvPass.BACKWARD_DATA;
    source =
        data.source(
            random,
            pass,
            shape.batch(),
            ofOutput ? shape.filters() : shape.channels(),
            ofOutput ? outPixels : pixels);
    boolean toWeights = pass == ConvPass.BACKWARD_WEIGHTS;
    factor = new float[toWeights ? outputs : weights];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = toWeights ? data.gradient(random) : (float) random.nextGaussian();
    }
    result =
        new float
            [switch (pass) {
              case FORWARD, INFERENCE -> outputs;
              case BACKWARD_DATA -> images;
              case BACKWARD_WEIGHTS -> weights;
            }];
    boolean all = result.length <= SAMPLES;
    samples = new int[all ? result.length : SAMPLES];
    Arrays.setAll(samples, i -> all ? i : random.nextInt(result.length));
    sums = new double[samples.length];
    magnitudes = new double[samples.length];
    for (int i = 0; i < samples.length; i++) {
      switch (pass) {
        case FORWARD, INFERENCE -> sumOfOutput(i);
        case BACKWARD_DATA -> sumOfInput(i);
        case BACKWARD_WEIGHTS -> sumOfWeight(i);
      }
    }
  }

  private void sumOfOutput(int i) {
    int column = samples[i] % shape.outWidth();
    int row = samples[i] / shape.outWidth() % shape.outHeight();
    int plane = samples[i] / shape.outWidth() / shape.outHeight();
    int filter = plane % shape.filters();
    int channels = shape.channelsPerGroup();
    int firstChannel = filter / shape.filtersPerGroup() * channels;
    for (int c = 0; c < channels; c++) {
      for (int r = 0; r < shape.window().height(); r++) {
        for (int s = 0; s < shape.window().width(); s++) {
          int y = row - shape.window().padTop() + r;
          int x = column - shape.window().padLeft() + s;
          if (y >= 0 && y < shape.height() && x >= 0 && x < shape.width()) {
            int image = plane / shape.filters() * shape.channels() + firstChannel + c;
            add(i, (image * shape.height() + y) * shape.width() + x, weight(filter, c, r, s));
          }
        }
      }
    }
  }

  private void sumOfInput(int i) {
    int column = samples[i] % shape.width();
    int row = samples[i] / shape.width() % shape.height();
    int plane = samples[i] / shape.width() / shape.height();
    int channel = plane % shape.channels();
    int group = channel / shape.channelsPerGroup();
    for (int f = 0; f < shape.filtersPerGroup(); f++) {
      int filter = group * shape.filtersPerGroup() + f;
      for (int r = 0; r < shape.window().height(); r++) {
        for (int s = 0; s < shape.window().width(); s++) {
          int y = row + shape.window().padTop() - r;
          int x = column + shape.window().padLeft() - s;
          if (y >= 0 && y < shape.outHeight() && x >= 0 && x < shape.outWidth()) {
            int output = plane / shape.channels() * shape.filters() + filter;
            add(
                i,
                (output * shape.outHeight() + y) * shape.outWidth() + x,
                weight(filter, channel % shape.channelsPerGroup(), r, s));
          }
        }
      }
    }
  }

  private void sumOfWeight(int i) {
    int s = samples[i] % shape.window().width();
    int r = samples[i] / shape.window().width() % shape.window().height();
    int filter = samples[i] / shape.weightsPerFilter();
    int channel =
        filter / shape.filtersPerGroup() * shape.channelsPerGroup()
            + samples[i]
                % shape.weightsPerFilter()
                / shape.window().width()
                / shape.window().height();
    for (int image = 0; image < shape.batch(); image++) {
      for (int row = 0; row < shape.outHeight(); row++) {
        for (int column = 0; column < shape.outWidth(); column++) {
          int y = row - shape.window().padTop() + r;
          int x = column - shape.window().padLeft() + s;
          if (y >= 0 && y < shape.height() && x >= 0 && x < shape.width()) {
            int input = image * shape.channels() + channel;
            int output = image * shape.filters() + filter;
            add(
                i,
                (input * shape.height() + y) * shape.width() + x,
                (output * shape.outHeight() + row) * shape.outWidth() + column);
          }
        }
      }
    }
  }

  private int weight(int filter, int channel, int r, int s) {
    int plane = filter * shape.channelsPerGroup() + channel;
    return (plane * shape.window().height() + r) * shape.window().width() + s;
  }

  private void add(int i, int inSource, int inFactor) {
    double product = (double) source[inSource] * factor[inFactor];
    sums[i] += product;
    magnitudes[i] += Math.abs(product);
  }

  /** Runs the pass without a bias, by that algorithm. */
  Errors of(Kernels kernels, ConvAlgorithm algorithm, ThreadTeam team) {
    Arrays.fill(result, Float.NaN);
    switch (pass) {
      case FORWARD, INFERENCE -> {
        Convolution.Forward kernel =
            pass == ConvPass.FORWARD
                ? kernels.convolutionForward(shape, algorithm)
                : kernels.convolutionInference(shape, algorithm, new PreparedWeights());
        float[] space = new float[kernel.workspace(team.size())];
        kernel.run(team, space, source, 0, factor, 0, null, 0, result, 0);
      }
      case BACKWARD_DATA -> {
        Convolution.BackwardData kernel = kernels.convolutionBackwardData(shape, algorithm);
        float[] space = new float[kernel.workspace(team.size())];
        kernel.run(team, space, source, 0, factor, 0, result, 0);
      }
      case BACKWARD_WEIGHTS -> {
        Convolution.BackwardWeights kernel = kernels.convolutionBackwardWeights(shape, algorithm);
        float[] space = new float[kernel.workspace(team.size())];
        kernel.run(team, space, source, 0, factor, 0, result, 0, null, 0, false);
      }
    }
    double errors = 0;
    double values = 0;
    double shares = 0;
    for (int i = 0; i < samples.length; i++) {
      double error = result[samples[i]] - sums[i];
      errors += error * error;
      values += sums[i] * sums[i];
      if (error != 0) {
        shares += error / magnitudes[i] * (error / magnitudes[i]);
      }
    }
    return new Errors(Math.sqrt(errors / values), Math.sqrt(shares / samples.length));
  }

  /**
   * Two of AlexNet's convolutions, as many images as the first argument says, by the algorithms
   * that the others name.
   */
  public static void main(String[] arguments) {
    int batch = Integer.parseInt(arguments[0]);
    Window five = Window.square(5).padding(2);
    Window three = Window.square(3).padding(1);
    List<ConvShape> shapes =
        List.of(
            new ConvShape(batch, 96, 27, 27, 256, five, 1),
            new ConvShape(batch, 384, 13, 13, 384, three, 1));
    List<ConvAlgorithm> algorithms =
        Arrays.stream(arguments).skip(1).map(ConvAlgorithm::valueOf).toList();
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (ConvShape shape : shapes) {
        System.out.println(shape);
        for (Data data : Data.values()) {
          for (ConvPass pass : ConvPass.values()) {
            ConvolutionErrors errors = new ConvolutionErrors(shape, pass, data, 1);
            System.out.printf("%-24s| %-16s", data.text, pass);
            for (ConvAlgorithm algorithm : algorithms) {
              Errors of = errors.of(Kernels.simd(), algorithm, team);
              System.out.printf(Locale.ROOT, " | %s %.1e %.1e", algorithm, of.ofValues, of.ofTerms);
            }
            System.out.println();
          }
        }
      }
    }
  }
}
