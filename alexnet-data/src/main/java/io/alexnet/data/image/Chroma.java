package io.alexnet.data.image;

/**
 * Saturation and hue as one linear map of red, green and blue that keeps luma.
 *
 * <p>A colour is its luma Y = 0.299 R + 0.587 G + 0.114 B and its chroma, the point (U, V) = (0.492
 * (B − Y), 0.877 (R − Y)), as in analogue television (ITU-R BT.470); grey is (0, 0). The distance
 * from grey is the saturation, the angle the hue. So a saturation of s and a hue of h are a
 * multiplication of U + iV by s · exp(2πih). This is the rotation in YIQ of MXNet's {@code
 * HueJitterAug}, as I and Q are U and V turned by 33°, and the lerp towards luma of torchvision's
 * {@code adjust_saturation}. Unlike a change of hue in HSV it is linear.
 */
final class Chroma {

  private static final double RED = 0.299;
  private static final double GREEN = 0.587;
  private static final double BLUE = 0.114;
  private static final double U = 0.492;
  private static final double V = 0.877;

  private Chroma() {}

  /**
   * @param saturation the chroma's factor: 0 for grey, 1 for no change
   * @param hue a turn of the chroma as a share of the full circle; red turns to yellow, green, blue
   * @return [3][3], row by row: the red, green and blue that come of each of these
   */
  static double[] map(double saturation, double hue) {
    double real = saturation * StrictMath.cos(2 * Math.PI * hue);
    double imaginary = saturation * StrictMath.sin(2 * Math.PI * hue);
    double[] lumas = {RED, GREEN, BLUE};
    double[] map = new double[9];
    for (int k = 0; k < 3; k++) { // what becomes of pure red, of pure green, of pure blue
      double y = lumas[k];
      double u = U * ((k == 2 ? 1 : 0) - y);
      double v = V * ((k == 0 ? 1 : 0) - y);
      double red = y + (u * imaginary + v * real) / V;
      double blue = y + (u * real - v * imaginary) / U;
      map[k] = red;
      map[3 + k] = (y - RED * red - BLUE * blue) / GREEN;
      map[6 + k] = blue;
    }
    return map;
  }
}
