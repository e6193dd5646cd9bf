package io.alexnet.kernels;

/** Softmax over rows [batch][classes], stable: the row's maximum is subtracted first. */
public interface Softmax {

  /** y = e^(x − max) / Σ e^(x − max); x and y may be one array. */
  interface Forward extends Kernel {
    void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset);
  }

  /** dx_i = y_i·(dy_i − Σ_j dy_j·y_j), from the output y; dx may be dy's own array. */
  interface Backward extends Kernel {
    void run(
        ThreadTeam team,
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset);
  }

  /** Cross-entropy of the softmax, fused: never takes the logarithm of a rounded probability. */
  interface CrossEntropy extends Kernel {
    /**
     * Sets losses[i] = log Σ e^x − Σ_c t_c·x_c of row i, and dLogits = scale·(softmax(x) − t),
     * where the target t is 1 − smoothing on the label plus smoothing/classes everywhere.
     *
     * @param labels [batch], each in 0 ≤ label &lt; classes
     * @param smoothing label smoothing in [0, 1); 0 for plain targets
     * @param scale usually 1/batch
     * @param losses [batch]
     * @param dLogits null if not needed; may be the logits' own array
     */
    void run(
        ThreadTeam team,
        float[] logits,
        int logitsOffset,
        int[] labels,
        float smoothing,
        float scale,
        float[] losses,
        float[] dLogits,
        int dLogitsOffset);
  }
}
