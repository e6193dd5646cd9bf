package io.alexnet.data.image;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The principal components of the red, green and blue of a training set's pixels, in [0, 1] units:
 * the directions in which the light of real scenes varies. Immutable.
 *
 * <p>Krizhevsky et al. (2012, §4.1) add Σₖ αₖ λₖ pₖ to every pixel of an image, αₖ normal with σ =
 * 0.1. With λₖ the covariance's eigenvalue, as their text and torch's ResNet training have it, the
 * units do not fit; as cuda-convnet's own code does, we take its root: the standard deviation along
 * pₖ.
 */
public final class PrincipalColors {

  /**
   * ImageNet's, by the eigenvalues 0.2175, 0.0188 and 0.0045 and eigenvectors that torch's ResNet
   * training published and other frameworks took over.
   */
  public static final PrincipalColors IMAGENET =
      new PrincipalColors(
          new float[] {0.4664f, 0.1371f, 0.0671f},
          new float[] {
            -0.5675f, -0.5808f, -0.5836f, 0.7192f, -0.0045f, -0.6948f, 0.4009f, -0.8140f, 0.4203f
          });

  private static final String DEVIATIONS = "principalColors.deviations";
  private static final String DIRECTIONS = "principalColors.directions";

  private final float[] deviations;
  private final float[] directions;

  private PrincipalColors(float[] deviations, float[] directions) {
    if (deviations.length != 3 || directions.length != 9) {
      throw new IllegalArgumentException(
          "principal colours are 3 deviations and 9 coordinates, not %d and %d"
              .formatted(deviations.length, directions.length));
    }
    for (int i = 0; i < 9; i++) {
      if (!Float.isFinite(deviations[i / 3]) || !Float.isFinite(directions[i])) {
        throw new IllegalArgumentException(
            "principal colours must be finite, not %s along %s"
                .formatted(deviations[i / 3], directions[i]));
      }
    }
    this.deviations = deviations;
    this.directions = directions;
  }

  /**
   * The components of a covariance matrix, largest first, by Jacobi's rotations.
   *
   * @param covariance [3][3], symmetric, of red, green, blue in [0, 1]
   */
  public static PrincipalColors ofCovariance(double[][] covariance) {
    double[][] a = new double[3][];
    double[][] vectors = new double[3][3];
    for (int i = 0; i < 3; i++) {
      a[i] = covariance[i].clone();
      vectors[i][i] = 1;
    }
    for (int sweep = 0; sweep < 30; sweep++) { // a 3×3 matrix is diagonal after five or six
      rotate(a, vectors, 0, 1);
      rotate(a, vectors, 0, 2);
      rotate(a, vectors, 1, 2);
    }
    float[] deviations = new float[3];
    float[] directions = new float[9];
    for (int k = 0; k < 3; k++) {
      int largest = 0;
      for (int i = 1; i < 3; i++) {
        if (a[i][i] > a[largest][largest]) {
          largest = i;
        }
      }
      deviations[k] = (float) Math.sqrt(Math.max(0, a[largest][largest]));
      for (int c = 0; c < 3; c++) {
        directions[3 * k + c] = (float) vectors[c][largest];
      }
      a[largest][largest] = Double.NEGATIVE_INFINITY; // taken
    }
    return new PrincipalColors(deviations, directions);
  }

  /** Makes a[p][q] zero by a rotation in the plane of p and q. */
  private static void rotate(double[][] a, double[][] vectors, int p, int q) {
    if (a[p][q] == 0) {
      return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1 / (Math.abs(theta) + Math.sqrt(theta * theta + 1)), theta);
    double cos = 1 / Math.sqrt(t * t + 1);
    double sin = t * cos;
    for (int k = 0; k < 3; k++) {
      double kp = a[k][p];
      double kq = a[k][q];
      a[k][p] = cos * kp - sin * kq;
      a[k][q] = sin * kp + cos * kq;
    }
    for (int k = 0; k < 3; k++) {
      double pk = a[p][k];
      double qk = a[q][k];
      a[p][k] = cos * pk - sin * qk;
      a[q][k] = sin * pk + cos * qk;
      double vp = vectors[k][p];
      double vq = vectors[k][q];
      vectors[k][p] = cos * vp - sin * vq;
      vectors[k][q] = sin * vp + cos * vq;
    }
  }

  /** Standard deviation along component k, 0 being the largest. */
  public float deviation(int k) {
    return deviations[k];
  }

  /** Component k's share of channel c: one coordinate of a vector of length 1. */
  public float direction(int k, int c) {
    return directions[3 * k + c];
  }

  /** The numbers to store with a training, by name. */
  public Map<String, float[]> toMap() {
    Map<String, float[]> map = new LinkedHashMap<>();
    map.put(DEVIATIONS, deviations.clone());
    map.put(DIRECTIONS, directions.clone());
    return map;
  }

  /**
   * What {@link #toMap} gave; other names in the map are not looked at.
   *
   * @throws IllegalArgumentException if a name is missing or an array's length is wrong
   */
  public static PrincipalColors fromMap(Map<String, float[]> map) {
    if (!map.containsKey(DEVIATIONS) || !map.containsKey(DIRECTIONS)) {
      throw new IllegalArgumentException(
          "no " + DEVIATIONS + " and " + DIRECTIONS + " in " + map.keySet());
    }
    return new PrincipalColors(map.get(DEVIATIONS).clone(), map.get(DIRECTIONS).clone());
  }
}
