package io.alexnet.kernels;

/** Pooling over windows of each channel plane; shapes as in {@link PoolShape}. */
public interface Pooling {

  /** y = the largest element of each window; padding never wins. */
  interface MaxForward extends Kernel {
    /**
     * @param argmax [batch·channels·outHeight·outWidth], receives for each output the index of the
     *     winner within its channel plane, row·width + column; of equal elements the first in
     *     row-major order wins, and a NaN wins over any number. Null if not needed (inference).
     */
    void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset, int[] argmax);
  }

  /** dx: each dy goes to its window's winner; where windows overlap, gradients add up. */
  interface MaxBackward extends Kernel {
    void run(ThreadTeam team, float[] dy, int dyOffset, int[] argmax, float[] dx, int dxOffset);
  }

  /** y = the mean of each window. Also made for adaptive windows. */
  interface AverageForward extends Kernel {
    void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset);
  }

  /** dx: each dy is spread evenly over its window. */
  interface AverageBackward extends Kernel {
    void run(ThreadTeam team, float[] dy, int dyOffset, float[] dx, int dxOffset);
  }
}
