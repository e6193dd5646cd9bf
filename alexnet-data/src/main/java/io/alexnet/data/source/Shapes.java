package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.image.Image;
import io.alexnet.data.random.SplitMix64;
import java.util.List;
import java.util.Objects;

/**
 * Generated images: one coloured geometric figure on a textured background. Class, colours,
 * texture, place, size and turn (up to 22.5° either way) are random; an image depends on the seed
 * and its index alone, and no colour or texture gives the class away. Classes come in turn, so all
 * are equally frequent.
 *
 * <p>Figures are drawn from signed distances: how far a pixel's centre is from the outline,
 * negative inside, which also gives the share of the pixel that the figure covers at its edge.
 * Needs no file, no font and no display.
 */
public final class Shapes implements Dataset {

  private static final List<String> CLASS_NAMES =
      List.of("circle", "square", "triangle", "star", "cross", "ring", "hexagon", "crescent");

  private final int count;
  private final int side;
  private final long seed;

  private Shapes(int count, int side, long seed) {
    this.count = count;
    this.side = side;
    this.seed = seed;
  }

  /**
   * @param count number of images, at least 1
   * @param side width and height of each, at least 8 pixels
   */
  public static Shapes of(int count, int side, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("number of images must be at least 1, not " + count);
    }
    if (side < 8) {
      throw new IllegalArgumentException("shapes need at least 8 pixels a side, not " + side);
    }
    return new Shapes(count, side, seed);
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public int channels() {
    return 3;
  }

  @Override
  public List<String> classNames() {
    return CLASS_NAMES;
  }

  @Override
  public int label(int index) {
    return Objects.checkIndex(index, count) % CLASS_NAMES.size();
  }

  @Override
  public String name(int index) {
    return "shapes, image " + index;
  }

  @Override
  public Image image(int index) {
    SplitMix64 random = SplitMix64.of(seed, index);
    Texture background = new Texture(random);
    Texture fill = new Texture(random, background);
    Figure figure = Figure.of(label(index));
    // The figure's circumscribed circle, in shares of the image's side.
    double radius = random.nextDouble(0.3, 0.45);
    double slack = 0.5 - radius;
    double centreX = 0.5 + random.nextDouble(-slack, slack);
    double centreY = 0.5 + random.nextDouble(-slack, slack);
    double angle = random.nextDouble(-Math.PI / 8, Math.PI / 8);
    double cos = StrictMath.cos(angle) / radius;
    double sin = StrictMath.sin(angle) / radius;
    byte[] pixels = new byte[side * side * 3];
    double[] colour = new double[3];
    int at = 0;
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double x = (column + 0.5) / side;
        double y = (row + 0.5) / side;
        double u = cos * (x - centreX) + sin * (y - centreY);
        double v = cos * (y - centreY) - sin * (x - centreX);
        double distance = u * u + v * v > 1.21 ? 1 : figure.distance(u, v);
        double covered = Math.max(0, Math.min(1, 0.5 - distance * radius * side));
        background.add(x, y, 1 - covered, colour);
        fill.add(x, y, covered, colour);
        for (int c = 0; c < 3; c++) {
          pixels[at++] = (byte) Math.max(0, Math.min(255, (int) (255 * colour[c] + 0.5)));
          colour[c] = 0;
        }
      }
    }
    return new Image(side, side, 3, pixels);
  }

  /** A figure's outline about the origin, of circumscribed radius 1. */
  private interface Figure {

    /** Signed distance of a point from the outline, negative inside. */
    double distance(double x, double y);

    static Figure of(int label) {
      switch (label) {
        case 0:
          return (x, y) -> Math.sqrt(x * x + y * y) - 0.9;
        case 1:
          return Polygon.regular(4);
        case 2:
          return Polygon.regular(3);
        case 3:
          return Polygon.star(5, 0.42);
        case 4:
          return Polygon.CROSS;
        case 5:
          return (x, y) -> Math.abs(Math.sqrt(x * x + y * y) - 0.72) - 0.2;
        case 6:
          return Polygon.regular(6);
        default:
          return (x, y) ->
              Math.max(
                  Math.sqrt(x * x + y * y) - 0.95, 0.75 - Math.sqrt((x - 0.5) * (x - 0.5) + y * y));
      }
    }
  }

  /** A closed polygon; its sides do not cross. */
  private record Polygon(double[] x, double[] y) implements Figure {

    static final Polygon CROSS = cross(0.3);

    static Polygon regular(int corners) {
      double[] x = new double[corners];
      double[] y = new double[corners];
      for (int i = 0; i < corners; i++) {
        x[i] = StrictMath.cos(2 * Math.PI * i / corners);
        y[i] = StrictMath.sin(2 * Math.PI * i / corners);
      }
      return new Polygon(x, y);
    }

    /** Every second corner of a regular polygon moved inwards. */
    static Polygon star(int points, double innerRadius) {
      Polygon star = regular(2 * points);
      for (int i = 1; i < 2 * points; i += 2) {
        star.x[i] *= innerRadius;
        star.y[i] *= innerRadius;
      }
      return star;
    }

    /** A plus of two bars, each twice {@code w} wide. */
    static Polygon cross(double w) {
      double l = Math.sqrt(1 - w * w);
      return new Polygon(
          new double[] {l, l, w, w, -w, -w, -l, -l, -w, -w, w, w},
          new double[] {-w, w, w, l, l, w, w, -w, -w, -l, -l, -w});
    }

    @Override
    public double distance(double px, double py) {
      double nearest = Double.POSITIVE_INFINITY;
      boolean inside = false;
      for (int i = 0, j = x.length - 1; i < x.length; j = i++) {
        double ex = x[j] - x[i];
        double ey = y[j] - y[i];
        double wx = px - x[i];
        double wy = py - y[i];
        double along = (wx * ex + wy * ey) / (ex * ex + ey * ey);
        along = Math.max(0, Math.min(1, along));
        double dx = wx - along * ex;
        double dy = wy - along * ey;
        nearest = Math.min(nearest, dx * dx + dy * dy);
        if (y[i] > py != y[j] > py && px < x[i] + ex * (py - y[i]) / ey) {
          inside = !inside;
        }
      }
      return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
    }
  }

  /** Two similar colours, mixed by stripes and by smooth noise. */
  private static final class Texture {

    private static final int LATTICE = 16;

    private final double[] base = new double[3];
    private final double[] variation = new double[3];
    private final double[] lattice = new double[LATTICE * LATTICE];
    private final double stripesX;
    private final double stripesY;
    private final double stripeShare;
    private final double noiseScale;

    /** A random texture. */
    Texture(SplitMix64 random) {
      this(random, null);
    }

    /** A random texture whose colour can be told from the other's. */
    Texture(SplitMix64 random, Texture other) {
      do {
        for (int c = 0; c < 3; c++) {
          base[c] = random.nextDouble(0.05, 0.95);
        }
      } while (other != null && distance(other) < 0.6);
      for (int c = 0; c < 3; c++) {
        variation[c] = random.nextDouble(-0.12, 0.12);
      }
      for (int i = 0; i < lattice.length; i++) {
        lattice[i] = random.nextDouble();
      }
      double angle = random.nextDouble(0, 2 * Math.PI);
      double frequency = random.nextDouble(2, 12);
      stripesX = frequency * StrictMath.cos(angle);
      stripesY = frequency * StrictMath.sin(angle);
      stripeShare = random.nextDouble();
      noiseScale = random.nextDouble(4, LATTICE - 1);
    }

    private double distance(Texture other) {
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        sum += (base[c] - other.base[c]) * (base[c] - other.base[c]);
      }
      return Math.sqrt(sum);
    }

    /** Adds the texture's colour at (x, y), both in [0, 1], with a weight. */
    void add(double x, double y, double weight, double[] colour) {
      if (weight == 0) {
        return;
      }
      double phase = x * stripesX + y * stripesY;
      double stripes = 4 * Math.abs(phase - Math.floor(phase) - 0.5) - 1;
      double mixed = stripeShare * stripes + (1 - stripeShare) * (2 * noise(x, y) - 1);
      for (int c = 0; c < 3; c++) {
        colour[c] += weight * (base[c] + mixed * variation[c]);
      }
    }

    /** Values of a lattice of random numbers, interpolated smoothly. */
    private double noise(double x, double y) {
      int column = (int) (x * noiseScale);
      int row = (int) (y * noiseScale);
      double u = smooth(x * noiseScale - column);
      double v = smooth(y * noiseScale - row);
      int at = row * LATTICE + column;
      double upper = lattice[at] + u * (lattice[at + 1] - lattice[at]);
      double lower =
          lattice[at + LATTICE] + u * (lattice[at + LATTICE + 1] - lattice[at + LATTICE]);
      return upper + v * (lower - upper);
    }

    private static double smooth(double t) {
      return t * t * (3 - 2 * t);
    }
  }
}
