package io.alexnet.kernels;

/** An {@link ActivationFunction}, element by element. */
public interface Activation {

  /** y = f(x); x and y may be one array. */
  interface Forward extends Kernel {
    void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset);
  }

  /**
   * dx = dy·f′ with f′ from the output y; dx may be dy's own array. The slope of ReLU at 0 is 0.
   */
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
}
