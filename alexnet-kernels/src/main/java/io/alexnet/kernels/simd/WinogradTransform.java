package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The linear maps of Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2016, section 4)
 * in one dimension, on vectors whose lanes are independent problems. With the T points ∞, 0, 1, −1,
 * 2, −2, ½, −½ (the first T of them, from 6 to 8), a window g of r taps meets T = m + r − 1 samples
 * x in m places:
 *
 * <p>y = Aᵀ[(G·g) ⊙ (Bᵀ·x)]
 *
 * <ul>
 *   <li>{@link #evaluate} is G, or A: the values of a polynomial at the points, the leading
 *       coefficient for ∞;
 *   <li>{@link #collect} is Aᵀ, or Gᵀ, its transpose;
 *   <li>{@link #interpolate} is Bᵀ: row p holds the coefficients of Π(z − q)/(p − q) over the other
 *       points q, and row ∞ those of Π(z − q).
 * </ul>
 *
 * <p>The factors 1/(p − q) stand in Bᵀ, not in G as in the literature. So G for T points is the
 * beginning of G for more, and weights transformed once serve tiles of every size. The points come
 * in pairs ±p that share their even and odd parts.
 *
 * <p>Each method maps {@code count} problems; problem i reads x[k] at {@code at + i·next + k·step}
 * and writes y[k] at {@code toAt + i·toNext + k·toStep}. Source and target may not overlap.
 *
 * <p>The maps are written out in calls of the vector API: with more than 325 bytecodes
 * (FreqInlineSize) C2 compiles each by itself. Inlined into one another's callers they are too many
 * nodes for it ({@link RegisterTile}), and every vector is boxed. For the same reason 7 and 8
 * points are interpolated in two parts.
 *
 * <p>Places are found by adding a step to the last one, and the loops end where {@code at} does:
 * not counted, they keep C2 from turning the sums into multiples of the step, more than it has
 * registers for. That saves up to a third of the instructions, most of them moves to the stack and
 * to vector registers.
 */
final class WinogradTransform {

  private static final VectorSpecies<Float> SPECIES = RegisterTile.SPECIES;

  /** The most points. */
  static final int POINTS = 8;

  /** The fewest: shorter tiles save too little. */
  static final int FEWEST_POINTS = 6;

  private WinogradTransform() {}

  /** T samples → T points. */
  static void interpolate(
      int points,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    switch (points) {
      case 6 -> interpolate6(count, from, at, step, next, to, toAt, toStep, toNext);
      case 7 -> {
        interpolate7InfinityZeroHalf(count, from, at, step, next, to, toAt, toStep, toNext);
        interpolate7OnesTwos(count, from, at, step, next, to, toAt, toStep, toNext);
      }
      default -> {
        interpolate8InfinityZeroOnes(count, from, at, step, next, to, toAt, toStep, toNext);
        interpolate8TwosHalves(count, from, at, step, next, to, toAt, toStep, toNext);
      }
    }
  }

  /** From 3 to 6 coefficients → T points. */
  static void evaluate(
      int coefficients,
      int points,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    switch (coefficients) {
      case 4 -> {
        evaluate4(points, count, from, at, step, next, to, toAt, toStep, toNext);
        return;
      }
      case 5 -> {
        evaluate5(points, count, from, at, step, next, to, toAt, toStep, toNext);
        return;
      }
      case 6 -> {
        evaluate6(points, count, from, at, step, next, to, toAt, toStep, toNext);
        return;
      }
      default -> {}
    }
    // Three stand here, too short to stay out of the callers by themselves.
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      x2.intoArray(to, toK);
      x0.intoArray(to, toK += toStep);
      FloatVector even1 = x0.add(x2);
      FloatVector odd1 = x1;
      even1.add(odd1).intoArray(to, toK += toStep);
      even1.sub(odd1).intoArray(to, toK += toStep);
      FloatVector even2 = x2.fma(FloatVector.broadcast(SPECIES, 4f), x0);
      FloatVector odd2 = x1.mul(FloatVector.broadcast(SPECIES, 2f));
      even2.add(odd2).intoArray(to, toK += toStep);
      even2.sub(odd2).intoArray(to, toK += toStep);
      if (points > 6) {
        FloatVector evenHalf = x2.fma(FloatVector.broadcast(SPECIES, 1f / 4), x0);
        FloatVector oddHalf = x1.mul(FloatVector.broadcast(SPECIES, 1f / 2));
        evenHalf.add(oddHalf).intoArray(to, toK += toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toK += toStep);
        }
      }
    }
  }

  /** T points → from 3 to 6 coefficients, fewer than points. */
  static void collect(
      int points,
      int coefficients,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    switch (points) {
      case 6 -> collect6(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
      case 7 -> collect7(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
      default -> collect8(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
    }
  }

  private static void interpolate6(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector atInfinity =
          x3.fma(
              FloatVector.broadcast(SPECIES, -5f), x1.fma(FloatVector.broadcast(SPECIES, 4f), x5));
      atInfinity.intoArray(to, toK);
      FloatVector atZero =
          x4.fma(
              FloatVector.broadcast(SPECIES, 1f / 4),
              x2.fma(FloatVector.broadcast(SPECIES, -5f / 4), x0));
      atZero.intoArray(to, toK += toStep);
      FloatVector even1 =
          x4.fma(
              FloatVector.broadcast(SPECIES, -1f / 6),
              x2.mul(FloatVector.broadcast(SPECIES, 2f / 3)));
      FloatVector odd1 =
          x3.fma(
              FloatVector.broadcast(SPECIES, -1f / 6),
              x1.mul(FloatVector.broadcast(SPECIES, 2f / 3)));
      even1.add(odd1).intoArray(to, toK += toStep);
      even1.sub(odd1).intoArray(to, toK += toStep);
      FloatVector even2 =
          x4.fma(
              FloatVector.broadcast(SPECIES, 1f / 24),
              x2.mul(FloatVector.broadcast(SPECIES, -1f / 24)));
      FloatVector odd2 =
          x3.fma(
              FloatVector.broadcast(SPECIES, 1f / 12),
              x1.mul(FloatVector.broadcast(SPECIES, -1f / 12)));
      even2.add(odd2).intoArray(to, toK += toStep);
      even2.sub(odd2).intoArray(to, toK += toStep);
    }
  }

  private static void interpolate7InfinityZeroHalf(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x6 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector atInfinity =
          x5.fma(
              FloatVector.broadcast(SPECIES, -1f / 2),
              x4.fma(
                  FloatVector.broadcast(SPECIES, -5f),
                  x3.fma(
                      FloatVector.broadcast(SPECIES, 5f / 2),
                      x2.fma(
                          FloatVector.broadcast(SPECIES, 4f),
                          x1.fma(FloatVector.broadcast(SPECIES, -2f), x6)))));
      atInfinity.intoArray(to, toK);
      FloatVector atZero =
          x5.fma(
              FloatVector.broadcast(SPECIES, -1f / 2),
              x4.fma(
                  FloatVector.broadcast(SPECIES, 1f / 4),
                  x3.fma(
                      FloatVector.broadcast(SPECIES, 5f / 2),
                      x2.fma(
                          FloatVector.broadcast(SPECIES, -5f / 4),
                          x1.fma(FloatVector.broadcast(SPECIES, -2f), x0)))));
      atZero.intoArray(to, toK += toStep);
      FloatVector atHalf =
          x5.fma(
              FloatVector.broadcast(SPECIES, 32f / 45),
              x3.fma(
                  FloatVector.broadcast(SPECIES, -32f / 9),
                  x1.mul(FloatVector.broadcast(SPECIES, 128f / 45))));
      atHalf.intoArray(to, toK + 5 * toStep);
    }
  }

  private static void interpolate7OnesTwos(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt + toStep;
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector even1 =
          x4.fma(
              FloatVector.broadcast(SPECIES, -1f / 6),
              x2.mul(FloatVector.broadcast(SPECIES, 2f / 3)));
      x5.fma(
              FloatVector.broadcast(SPECIES, -1f / 3),
              x3.fma(
                  FloatVector.broadcast(SPECIES, 3f / 2),
                  x1.fma(FloatVector.broadcast(SPECIES, -2f / 3), even1)))
          .intoArray(to, toK += toStep);
      x5.fma(
              FloatVector.broadcast(SPECIES, 1f / 9),
              x3.fma(
                  FloatVector.broadcast(SPECIES, -7f / 18),
                  x1.fma(FloatVector.broadcast(SPECIES, -2f / 9), even1)))
          .intoArray(to, toK += toStep);
      FloatVector even2 =
          x4.fma(
              FloatVector.broadcast(SPECIES, 1f / 24),
              x2.mul(FloatVector.broadcast(SPECIES, -1f / 24)));
      x5.fma(
              FloatVector.broadcast(SPECIES, 1f / 36),
              x3.fma(
                  FloatVector.broadcast(SPECIES, -1f / 18),
                  x1.fma(FloatVector.broadcast(SPECIES, 1f / 36), even2)))
          .intoArray(to, toK += toStep);
      x5.fma(
              FloatVector.broadcast(SPECIES, -1f / 60),
              x1.fma(FloatVector.broadcast(SPECIES, 1f / 60), even2))
          .intoArray(to, toK += toStep);
    }
  }

  private static void interpolate8InfinityZeroOnes(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x6 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x7 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector atInfinity =
          x5.fma(
              FloatVector.broadcast(SPECIES, -21f / 4),
              x3.fma(FloatVector.broadcast(SPECIES, 21f / 4), x7.sub(x1)));
      atInfinity.intoArray(to, toK);
      FloatVector atZero =
          x4.fma(
                  FloatVector.broadcast(SPECIES, 21f / 4),
                  x2.fma(FloatVector.broadcast(SPECIES, -21f / 4), x0))
              .sub(x6);
      atZero.intoArray(to, toK += toStep);
      FloatVector even1 =
          x6.fma(
              FloatVector.broadcast(SPECIES, -2f / 9),
              x4.fma(
                  FloatVector.broadcast(SPECIES, 17f / 18),
                  x2.mul(FloatVector.broadcast(SPECIES, -2f / 9))));
      FloatVector odd1 =
          x5.fma(
              FloatVector.broadcast(SPECIES, -2f / 9),
              x3.fma(
                  FloatVector.broadcast(SPECIES, 17f / 18),
                  x1.mul(FloatVector.broadcast(SPECIES, -2f / 9))));
      even1.add(odd1).intoArray(to, toK += toStep);
      even1.sub(odd1).intoArray(to, toK += toStep);
    }
  }

  private static void interpolate8TwosHalves(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt + 3 * toStep;
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x6 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector even2 =
          x6.fma(
              FloatVector.broadcast(SPECIES, 1f / 90),
              x4.fma(
                  FloatVector.broadcast(SPECIES, -1f / 72),
                  x2.mul(FloatVector.broadcast(SPECIES, 1f / 360))));
      FloatVector odd2 =
          x5.fma(
              FloatVector.broadcast(SPECIES, 1f / 45),
              x3.fma(
                  FloatVector.broadcast(SPECIES, -1f / 36),
                  x1.mul(FloatVector.broadcast(SPECIES, 1f / 180))));
      even2.add(odd2).intoArray(to, toK += toStep);
      even2.sub(odd2).intoArray(to, toK += toStep);
      FloatVector evenHalf =
          x6.fma(
              FloatVector.broadcast(SPECIES, 32f / 45),
              x4.fma(
                  FloatVector.broadcast(SPECIES, -32f / 9),
                  x2.mul(FloatVector.broadcast(SPECIES, 128f / 45))));
      FloatVector oddHalf =
          x5.fma(
              FloatVector.broadcast(SPECIES, 16f / 45),
              x3.fma(
                  FloatVector.broadcast(SPECIES, -16f / 9),
                  x1.mul(FloatVector.broadcast(SPECIES, 64f / 45))));
      evenHalf.add(oddHalf).intoArray(to, toK += toStep);
      evenHalf.sub(oddHalf).intoArray(to, toK += toStep);
    }
  }

  private static void evaluate4(
      int points,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      x3.intoArray(to, toK);
      x0.intoArray(to, toK += toStep);
      FloatVector even1 = x0.add(x2);
      FloatVector odd1 = x1.add(x3);
      even1.add(odd1).intoArray(to, toK += toStep);
      even1.sub(odd1).intoArray(to, toK += toStep);
      FloatVector even2 = x2.fma(FloatVector.broadcast(SPECIES, 4f), x0);
      FloatVector odd2 =
          x3.fma(FloatVector.broadcast(SPECIES, 8f), x1.mul(FloatVector.broadcast(SPECIES, 2f)));
      even2.add(odd2).intoArray(to, toK += toStep);
      even2.sub(odd2).intoArray(to, toK += toStep);
      if (points > 6) {
        FloatVector evenHalf = x2.fma(FloatVector.broadcast(SPECIES, 1f / 4), x0);
        FloatVector oddHalf =
            x3.fma(
                FloatVector.broadcast(SPECIES, 1f / 8),
                x1.mul(FloatVector.broadcast(SPECIES, 1f / 2)));
        evenHalf.add(oddHalf).intoArray(to, toK += toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toK += toStep);
        }
      }
    }
  }

  private static void evaluate5(
      int points,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      x4.intoArray(to, toK);
      x0.intoArray(to, toK += toStep);
      FloatVector even1 = x0.add(x2).add(x4);
      FloatVector odd1 = x1.add(x3);
      even1.add(odd1).intoArray(to, toK += toStep);
      even1.sub(odd1).intoArray(to, toK += toStep);
      FloatVector even2 =
          x4.fma(
              FloatVector.broadcast(SPECIES, 16f), x2.fma(FloatVector.broadcast(SPECIES, 4f), x0));
      FloatVector odd2 =
          x3.fma(FloatVector.broadcast(SPECIES, 8f), x1.mul(FloatVector.broadcast(SPECIES, 2f)));
      even2.add(odd2).intoArray(to, toK += toStep);
      even2.sub(odd2).intoArray(to, toK += toStep);
      if (points > 6) {
        FloatVector evenHalf =
            x4.fma(
                FloatVector.broadcast(SPECIES, 1f / 16),
                x2.fma(FloatVector.broadcast(SPECIES, 1f / 4), x0));
        FloatVector oddHalf =
            x3.fma(
                FloatVector.broadcast(SPECIES, 1f / 8),
                x1.mul(FloatVector.broadcast(SPECIES, 1f / 2)));
        evenHalf.add(oddHalf).intoArray(to, toK += toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toK += toStep);
        }
      }
    }
  }

  private static void evaluate6(
      int points,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, k);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      x5.intoArray(to, toK);
      x0.intoArray(to, toK += toStep);
      FloatVector even1 = x0.add(x2).add(x4);
      FloatVector odd1 = x1.add(x3).add(x5);
      even1.add(odd1).intoArray(to, toK += toStep);
      even1.sub(odd1).intoArray(to, toK += toStep);
      FloatVector even2 =
          x4.fma(
              FloatVector.broadcast(SPECIES, 16f), x2.fma(FloatVector.broadcast(SPECIES, 4f), x0));
      FloatVector odd2 =
          x5.fma(
              FloatVector.broadcast(SPECIES, 32f),
              x3.fma(
                  FloatVector.broadcast(SPECIES, 8f), x1.mul(FloatVector.broadcast(SPECIES, 2f))));
      even2.add(odd2).intoArray(to, toK += toStep);
      even2.sub(odd2).intoArray(to, toK += toStep);
      if (points > 6) {
        FloatVector evenHalf =
            x4.fma(
                FloatVector.broadcast(SPECIES, 1f / 16),
                x2.fma(FloatVector.broadcast(SPECIES, 1f / 4), x0));
        FloatVector oddHalf =
            x5.fma(
                FloatVector.broadcast(SPECIES, 1f / 32),
                x3.fma(
                    FloatVector.broadcast(SPECIES, 1f / 8),
                    x1.mul(FloatVector.broadcast(SPECIES, 1f / 2))));
        evenHalf.add(oddHalf).intoArray(to, toK += toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toK += toStep);
        }
      }
    }
  }

  private static void collect6(
      int coefficients,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      FloatVector even2 = x4.add(x5);
      FloatVector odd2 = x4.sub(x5);
      x1.add(even1).add(even2).intoArray(to, toK);
      odd2.fma(FloatVector.broadcast(SPECIES, 2f), odd1).intoArray(to, toK += toStep);
      even2.fma(FloatVector.broadcast(SPECIES, 4f), even1).intoArray(to, toK += toStep);
      if (coefficients > 3) {
        odd2.fma(FloatVector.broadcast(SPECIES, 8f), odd1).intoArray(to, toK += toStep);
      }
      if (coefficients > 4) {
        even2.fma(FloatVector.broadcast(SPECIES, 16f), even1).intoArray(to, toK += toStep);
      }
      if (coefficients > 5) {
        odd2.fma(FloatVector.broadcast(SPECIES, 32f), odd1).intoArray(to, toK += toStep);
      }
      FloatVector infinity = FloatVector.fromArray(SPECIES, from, at);
      FloatVector.fromArray(SPECIES, to, toK).add(infinity).intoArray(to, toK);
    }
  }

  private static void collect7(
      int coefficients,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x6 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      FloatVector even2 = x4.add(x5);
      FloatVector odd2 = x4.sub(x5);
      x1.add(even1).add(even2).add(x6).intoArray(to, toK);
      x6.fma(
              FloatVector.broadcast(SPECIES, 1f / 2),
              odd2.fma(FloatVector.broadcast(SPECIES, 2f), odd1))
          .intoArray(to, toK += toStep);
      x6.fma(
              FloatVector.broadcast(SPECIES, 1f / 4),
              even2.fma(FloatVector.broadcast(SPECIES, 4f), even1))
          .intoArray(to, toK += toStep);
      if (coefficients > 3) {
        x6.fma(
                FloatVector.broadcast(SPECIES, 1f / 8),
                odd2.fma(FloatVector.broadcast(SPECIES, 8f), odd1))
            .intoArray(to, toK += toStep);
      }
      if (coefficients > 4) {
        x6.fma(
                FloatVector.broadcast(SPECIES, 1f / 16),
                even2.fma(FloatVector.broadcast(SPECIES, 16f), even1))
            .intoArray(to, toK += toStep);
      }
      if (coefficients > 5) {
        x6.fma(
                FloatVector.broadcast(SPECIES, 1f / 32),
                odd2.fma(FloatVector.broadcast(SPECIES, 32f), odd1))
            .intoArray(to, toK += toStep);
      }
      FloatVector infinity = FloatVector.fromArray(SPECIES, from, at);
      FloatVector.fromArray(SPECIES, to, toK).add(infinity).intoArray(to, toK);
    }
  }

  private static void collect8(
      int coefficients,
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int end = at + count * next; at != end; at += next, toAt += toNext) {
      int k = at;
      int toK = toAt;
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x4 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x5 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x6 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector x7 = FloatVector.fromArray(SPECIES, from, k += step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      FloatVector even2 = x4.add(x5);
      FloatVector odd2 = x4.sub(x5);
      FloatVector evenHalf = x6.add(x7);
      FloatVector oddHalf = x6.sub(x7);
      x1.add(even1).add(even2).add(evenHalf).intoArray(to, toK);
      oddHalf
          .fma(
              FloatVector.broadcast(SPECIES, 1f / 2),
              odd2.fma(FloatVector.broadcast(SPECIES, 2f), odd1))
          .intoArray(to, toK += toStep);
      evenHalf
          .fma(
              FloatVector.broadcast(SPECIES, 1f / 4),
              even2.fma(FloatVector.broadcast(SPECIES, 4f), even1))
          .intoArray(to, toK += toStep);
      if (coefficients > 3) {
        oddHalf
            .fma(
                FloatVector.broadcast(SPECIES, 1f / 8),
                odd2.fma(FloatVector.broadcast(SPECIES, 8f), odd1))
            .intoArray(to, toK += toStep);
      }
      if (coefficients > 4) {
        evenHalf
            .fma(
                FloatVector.broadcast(SPECIES, 1f / 16),
                even2.fma(FloatVector.broadcast(SPECIES, 16f), even1))
            .intoArray(to, toK += toStep);
      }
      if (coefficients > 5) {
        oddHalf
            .fma(
                FloatVector.broadcast(SPECIES, 1f / 32),
                odd2.fma(FloatVector.broadcast(SPECIES, 32f), odd1))
            .intoArray(to, toK += toStep);
      }
      FloatVector infinity = FloatVector.fromArray(SPECIES, from, at);
      FloatVector.fromArray(SPECIES, to, toK).add(infinity).intoArray(to, toK);
    }
  }
}
