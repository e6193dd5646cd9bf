package io.alexnet.kernels.scalar;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.Arrays;

/**
 * The loop nest of the formula for each pass, threaded over the planes of its output.
 *
 * <p>The innermost loop runs over the output columns at which one tap of the window meets the image
 * and not the padding; per output the terms are still added in the formula's order of channels and
 * taps.
 */
abstract sealed class ScalarConvolution implements Convolution.Pass, ThreadTeam.Task {

  final ConvShape shape;
  final Window window;
  final int plane;
  final int outPlane;

  private ScalarConvolution(ConvShape shape) {
    this.shape = shape;
    window = shape.window();
    plane = shape.height() * shape.width();
    outPlane = shape.outHeight() * shape.outWidth();
  }

  @Override
  public ConvShape shape() {
    return shape;
  }

  @Override
  public ConvAlgorithm algorithm() {
    return ConvAlgorithm.LOOPS;
  }

  /** Image row under output row {@code oh} and tap row {@code r}; may lie in the padding. */
  final int imageRow(int oh, int r) {
    return oh * window.strideHeight() - window.padTop() + r * window.dilationHeight();
  }

  /** Image column under output column {@code ow} and tap column {@code s}; see above. */
  final int imageColumn(int ow, int s) {
    return ow * window.strideWidth() - window.padLeft() + s * window.dilationWidth();
  }

  /** The first output column at which tap column {@code s} is not in the left padding. */
  final int firstColumn(int s) {
    return Math.max(0, -Math.floorDiv(imageColumn(0, s), window.strideWidth()));
  }

  /** One more than the last output column at which tap column {@code s} is in the image. */
  final int endColumn(int s) {
    int last = Math.floorDiv(shape.width() - 1 - imageColumn(0, s), window.strideWidth());
    return Math.min(shape.outWidth(), last + 1);
  }

  final boolean isImageRow(int i) {
    return i >= 0 && i < shape.height();
  }

  /** Index of w[f][c][0][0], with c counted within the group. */
  final int weightsAt(int f, int c) {
    return (f * shape.channelsPerGroup() + c) * window.height() * window.width();
  }

  /** y[n][f][oh][ow] = b[f] + Σ_{c,r,s} w[f][c][r][s] · x[n][c][i][j], a plane of y per piece. */
  static final class Forward extends ScalarConvolution implements Convolution.Forward {
    private float[] x;
    private int xOffset;
    private float[] weights;
    private int weightsOffset;
    private float[] bias;
    private int biasOffset;
    private float[] y;
    private int yOffset;

    Forward(ConvShape shape) {
      super(shape);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] workspace,
        float[] x,
        int xOffset,
        float[] weights,
        int weightsOffset,
        float[] bias,
        int biasOffset,
        float[] y,
        int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.weights = weights;
      this.weightsOffset = weightsOffset;
      this.bias = bias;
      this.biasOffset = biasOffset;
      this.y = y;
      this.yOffset = yOffset;
      team.run(shape.batch() * shape.filters(), this);
    }

    @Override
    public void run(int piece, int worker) {
      int n = piece / shape.filters();
      int f = piece % shape.filters();
      int firstChannel = f / shape.filtersPerGroup() * shape.channelsPerGroup();
      int out = yOffset + piece * outPlane;
      Arrays.fill(y, out, out + outPlane, bias == null ? 0f : bias[biasOffset + f]);
      for (int c = 0; c < shape.channelsPerGroup(); c++) {
        int in = xOffset + (n * shape.channels() + firstChannel + c) * plane;
        int w = weightsOffset + weightsAt(f, c);
        for (int r = 0; r < window.height(); r++) {
          for (int s = 0; s < window.width(); s++) {
            addTap(weights[w + r * window.width() + s], in, r, s, out);
          }
        }
      }
    }

    private void addTap(float weight, int in, int r, int s, int out) {
      int first = firstColumn(s);
      int count = endColumn(s) - first;
      for (int oh = 0; oh < shape.outHeight(); oh++) {
        int i = imageRow(oh, r);
        if (isImageRow(i)) {
          int row = in + i * shape.width() + imageColumn(first, s);
          int outRow = out + oh * shape.outWidth() + first;
          for (int k = 0; k < count; k++) {
            y[outRow + k] += weight * x[row + k * window.strideWidth()];
          }
        }
      }
    }
  }

  /** dx[n][c][i][j] = Σ_{f,r,s} w[f][c][r][s] · dy[n][f][oh][ow], a plane of dx per piece. */
  static final class BackwardData extends ScalarConvolution implements Convolution.BackwardData {
    private float[] dy;
    private int dyOffset;
    private float[] weights;
    private int weightsOffset;
    private float[] dx;
    private int dxOffset;

    BackwardData(ConvShape shape) {
      super(shape);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] workspace,
        float[] dy,
        int dyOffset,
        float[] weights,
        int weightsOffset,
        float[] dx,
        int dxOffset) {
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.weights = weights;
      this.weightsOffset = weightsOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      team.run(shape.batch() * shape.channels(), this);
    }

    @Override
    public void run(int piece, int worker) {
      int n = piece / shape.channels();
      int group = piece % shape.channels() / shape.channelsPerGroup();
      int c = piece % shape.channelsPerGroup();
      int in = dxOffset + piece * plane;
      Arrays.fill(dx, in, in + plane, 0f);
      for (int k = 0; k < shape.filtersPerGroup(); k++) {
        int f = group * shape.filtersPerGroup() + k;
        int out = dyOffset + (n * shape.filters() + f) * outPlane;
        int w = weightsOffset + weightsAt(f, c);
        for (int r = 0; r < window.height(); r++) {
          for (int s = 0; s < window.width(); s++) {
            addTap(weights[w + r * window.width() + s], in, r, s, out);
          }
        }
      }
    }

    private void addTap(float weight, int in, int r, int s, int out) {
      int first = firstColumn(s);
      int count = endColumn(s) - first;
      for (int oh = 0; oh < shape.outHeight(); oh++) {
        int i = imageRow(oh, r);
        if (isImageRow(i)) {
          int row = in + i * shape.width() + imageColumn(first, s);
          int outRow = out + oh * shape.outWidth() + first;
          for (int k = 0; k < count; k++) {
            dx[row + k * window.strideWidth()] += weight * dy[outRow + k];
          }
        }
      }
    }
  }

  /**
   * dw[f][c][r][s] = Σ_{n,oh,ow} dy[n][f][oh][ow] · x[n][c][i][j] and db[f] = Σ_{n,oh,ow}
   * dy[n][f][oh][ow], the window of one filter and channel per piece. These sums are far longer
   * than those of the other passes and have no rows to run along, so they are kept in double.
   */
  static final class BackwardWeights extends ScalarConvolution
      implements Convolution.BackwardWeights {
    private float[] x;
    private int xOffset;
    private float[] dy;
    private int dyOffset;
    private float[] dWeights;
    private int dWeightsOffset;
    private float[] dBias;
    private int dBiasOffset;
    private boolean accumulate;

    BackwardWeights(ConvShape shape) {
      super(shape);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] workspace,
        float[] x,
        int xOffset,
        float[] dy,
        int dyOffset,
        float[] dWeights,
        int dWeightsOffset,
        float[] dBias,
        int dBiasOffset,
        boolean accumulate) {
      this.x = x;
      this.xOffset = xOffset;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dWeights = dWeights;
      this.dWeightsOffset = dWeightsOffset;
      this.dBias = dBias;
      this.dBiasOffset = dBiasOffset;
      this.accumulate = accumulate;
      team.run(shape.filters() * shape.channelsPerGroup(), this);
    }

    @Override
    public void run(int piece, int worker) {
      int f = piece / shape.channelsPerGroup();
      int c = piece % shape.channelsPerGroup();
      int channel = f / shape.filtersPerGroup() * shape.channelsPerGroup() + c;
      int w = dWeightsOffset + weightsAt(f, c);
      for (int r = 0; r < window.height(); r++) {
        for (int s = 0; s < window.width(); s++) {
          put(dWeights, w + r * window.width() + s, tapGradient(f, channel, r, s));
        }
      }
      if (dBias != null && c == 0) {
        put(dBias, dBiasOffset + f, biasGradient(f));
      }
    }

    private void put(float[] gradient, int index, double sum) {
      gradient[index] = accumulate ? (float) (gradient[index] + sum) : (float) sum;
    }

    private double tapGradient(int f, int channel, int r, int s) {
      int first = firstColumn(s);
      int count = endColumn(s) - first;
      double sum = 0;
      for (int n = 0; n < shape.batch(); n++) {
        int in = xOffset + (n * shape.channels() + channel) * plane;
        int out = dyOffset + (n * shape.filters() + f) * outPlane;
        for (int oh = 0; oh < shape.outHeight(); oh++) {
          int i = imageRow(oh, r);
          if (isImageRow(i)) {
            int row = in + i * shape.width() + imageColumn(first, s);
            int outRow = out + oh * shape.outWidth() + first;
            for (int k = 0; k < count; k++) {
              sum += (double) dy[outRow + k] * x[row + k * window.strideWidth()];
            }
          }
        }
      }
      return sum;
    }

    private double biasGradient(int f) {
      double sum = 0;
      for (int n = 0; n < shape.batch(); n++) {
        int out = dyOffset + (n * shape.filters() + f) * outPlane;
        for (int k = 0; k < outPlane; k++) {
          sum += dy[out + k];
        }
      }
      return sum;
    }
  }
}
