package io.alexnet.kernels;

/**
 * Local response normalisation across neighbouring channels (Krizhevsky et al. 2012, section 3.3):
 * y_c = x_c · s_c^−β with s_c = k + α/n · Σ x_j² over the n channels around c, cut at the ends. The
 * paper writes α·Σ; its α has been read as that of α/n ever since cuda-convnet and Caffe.
 */
public interface ChannelLrn {

  /** y from x, which is another array. */
  interface Forward extends Kernel {
    void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset);
  }

  /**
   * dx_c = dy_c·s_c^−β − 2αβ/n · x_c · Σ_{j around c} dy_j·x_j·s_j^(−β−1). The sums s are computed
   * again from x: cheaper than a stored plane's trip through memory. dx may be dy's own array.
   */
  interface Backward extends Kernel {
    void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset);
  }
}
