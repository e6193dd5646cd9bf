package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;

/**
 * The linear maps of Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2016, section 4)
 * in one dimension, on vectors whose lanes are independent problems. With the T points ∞, 0, 1, −1,
 * 2, −2, ½, −½ (the first T of them), a window g of r taps meets T = m + r − 1 samples x in m
 * places:
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
 */
final class WinogradTransform {

  /** The most points. */
  static final int POINTS = 8;

  /** The fewest, and the fewest coefficients. */
  static final int FEWEST_POINTS = 4;

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
      case 4 -> interpolate4(count, from, at, step, next, to, toAt, toStep, toNext);
      case 5 -> interpolate5(count, from, at, step, next, to, toAt, toStep, toNext);
      case 6 -> interpolate6(count, from, at, step, next, to, toAt, toStep, toNext);
      case 7 -> interpolate7(count, from, at, step, next, to, toAt, toStep, toNext);
      default -> interpolate8(count, from, at, step, next, to, toAt, toStep, toNext);
    }
  }

  /** From 2 to 6 coefficients → T points. */
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
      case 2 -> evaluate2(points, count, from, at, step, next, to, toAt, toStep, toNext);
      case 3 -> evaluate3(points, count, from, at, step, next, to, toAt, toStep, toNext);
      case 4 -> evaluate4(points, count, from, at, step, next, to, toAt, toStep, toNext);
      case 5 -> evaluate5(points, count, from, at, step, next, to, toAt, toStep, toNext);
      default -> evaluate6(points, count, from, at, step, next, to, toAt, toStep, toNext);
    }
  }

  /** T points → from 2 to 6 coefficients, fewer than points. */
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
      case 4 -> collect4(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
      case 5 -> collect5(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
      case 6 -> collect6(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
      case 7 -> collect7(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
      default -> collect8(coefficients, count, from, at, step, next, to, toAt, toStep, toNext);
    }
  }

  private static FloatVector load(float[] array, int offset) {
    return FloatVector.fromArray(RegisterTile.SPECIES, array, offset);
  }

  private static FloatVector times(float factor, FloatVector x) {
    return x.mul(FloatVector.broadcast(RegisterTile.SPECIES, factor));
  }

  private static FloatVector plus(FloatVector sum, float factor, FloatVector x) {
    return x.fma(FloatVector.broadcast(RegisterTile.SPECIES, factor), sum);
  }

  private static void interpolate4(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      x3.sub(x1).intoArray(to, toAt);
      x0.sub(x2).intoArray(to, toAt + toStep);
      FloatVector even1 = times(1f / 2, x2);
      FloatVector odd1 = times(1f / 2, x1);
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
    }
  }

  private static void interpolate5(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      plus(plus(x4, 2f, x1).sub(x2), -2f, x3).intoArray(to, toAt);
      plus(plus(x0, -1f / 2, x1).sub(x2), 1f / 2, x3).intoArray(to, toAt + toStep);
      plus(plus(x1, 1f / 2, x2), -1f / 2, x3).intoArray(to, toAt + 2 * toStep);
      plus(plus(times(-1f / 3, x1), 1f / 2, x2), -1f / 6, x3).intoArray(to, toAt + 3 * toStep);
      plus(times(-1f / 6, x1), 1f / 6, x3).intoArray(to, toAt + 4 * toStep);
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
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      plus(plus(x5, 4f, x1), -5f, x3).intoArray(to, toAt);
      plus(plus(x0, -5f / 4, x2), 1f / 4, x4).intoArray(to, toAt + toStep);
      FloatVector even1 = plus(times(2f / 3, x2), -1f / 6, x4);
      FloatVector odd1 = plus(times(2f / 3, x1), -1f / 6, x3);
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      FloatVector even2 = plus(times(-1f / 24, x2), 1f / 24, x4);
      FloatVector odd2 = plus(times(-1f / 12, x1), 1f / 12, x3);
      even2.add(odd2).intoArray(to, toAt + 4 * toStep);
      even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
    }
  }

  private static void interpolate7(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      FloatVector x6 = load(from, at + 6 * step);
      plus(plus(plus(plus(plus(x6, -2f, x1), 4f, x2), 5f / 2, x3), -5f, x4), -1f / 2, x5)
          .intoArray(to, toAt);
      plus(plus(plus(plus(plus(x0, -2f, x1), -5f / 4, x2), 5f / 2, x3), 1f / 4, x4), -1f / 2, x5)
          .intoArray(to, toAt + toStep);
      plus(plus(plus(plus(times(-2f / 3, x1), 2f / 3, x2), 3f / 2, x3), -1f / 6, x4), -1f / 3, x5)
          .intoArray(to, toAt + 2 * toStep);
      plus(plus(plus(plus(times(-2f / 9, x1), 2f / 3, x2), -7f / 18, x3), -1f / 6, x4), 1f / 9, x5)
          .intoArray(to, toAt + 3 * toStep);
      plus(
              plus(plus(plus(times(1f / 36, x1), -1f / 24, x2), -1f / 18, x3), 1f / 24, x4),
              1f / 36,
              x5)
          .intoArray(to, toAt + 4 * toStep);
      plus(plus(plus(times(1f / 60, x1), -1f / 24, x2), 1f / 24, x4), -1f / 60, x5)
          .intoArray(to, toAt + 5 * toStep);
      plus(plus(times(128f / 45, x1), -32f / 9, x3), 32f / 45, x5).intoArray(to, toAt + 6 * toStep);
    }
  }

  private static void interpolate8(
      int count,
      float[] from,
      int at,
      int step,
      int next,
      float[] to,
      int toAt,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      FloatVector x6 = load(from, at + 6 * step);
      FloatVector x7 = load(from, at + 7 * step);
      plus(plus(x7.sub(x1), 21f / 4, x3), -21f / 4, x5).intoArray(to, toAt);
      plus(plus(x0, -21f / 4, x2), 21f / 4, x4).sub(x6).intoArray(to, toAt + toStep);
      FloatVector even1 = plus(plus(times(-2f / 9, x2), 17f / 18, x4), -2f / 9, x6);
      FloatVector odd1 = plus(plus(times(-2f / 9, x1), 17f / 18, x3), -2f / 9, x5);
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      FloatVector even2 = plus(plus(times(1f / 360, x2), -1f / 72, x4), 1f / 90, x6);
      FloatVector odd2 = plus(plus(times(1f / 180, x1), -1f / 36, x3), 1f / 45, x5);
      even2.add(odd2).intoArray(to, toAt + 4 * toStep);
      even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
      FloatVector evenHalf = plus(plus(times(128f / 45, x2), -32f / 9, x4), 32f / 45, x6);
      FloatVector oddHalf = plus(plus(times(64f / 45, x1), -16f / 9, x3), 16f / 45, x5);
      evenHalf.add(oddHalf).intoArray(to, toAt + 6 * toStep);
      evenHalf.sub(oddHalf).intoArray(to, toAt + 7 * toStep);
    }
  }

  private static void evaluate2(
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
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      x1.intoArray(to, toAt);
      x0.intoArray(to, toAt + toStep);
      FloatVector even1 = x0;
      FloatVector odd1 = x1;
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      if (points > 4) {
        FloatVector even2 = x0;
        FloatVector odd2 = times(2f, x1);
        even2.add(odd2).intoArray(to, toAt + 4 * toStep);
        if (points > 5) {
          even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
        }
      }
      if (points > 6) {
        FloatVector evenHalf = x0;
        FloatVector oddHalf = times(1f / 2, x1);
        evenHalf.add(oddHalf).intoArray(to, toAt + 6 * toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toAt + 7 * toStep);
        }
      }
    }
  }

  private static void evaluate3(
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
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      x2.intoArray(to, toAt);
      x0.intoArray(to, toAt + toStep);
      FloatVector even1 = x0.add(x2);
      FloatVector odd1 = x1;
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      if (points > 4) {
        FloatVector even2 = plus(x0, 4f, x2);
        FloatVector odd2 = times(2f, x1);
        even2.add(odd2).intoArray(to, toAt + 4 * toStep);
        if (points > 5) {
          even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
        }
      }
      if (points > 6) {
        FloatVector evenHalf = plus(x0, 1f / 4, x2);
        FloatVector oddHalf = times(1f / 2, x1);
        evenHalf.add(oddHalf).intoArray(to, toAt + 6 * toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toAt + 7 * toStep);
        }
      }
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
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      x3.intoArray(to, toAt);
      x0.intoArray(to, toAt + toStep);
      FloatVector even1 = x0.add(x2);
      FloatVector odd1 = x1.add(x3);
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      if (points > 4) {
        FloatVector even2 = plus(x0, 4f, x2);
        FloatVector odd2 = plus(times(2f, x1), 8f, x3);
        even2.add(odd2).intoArray(to, toAt + 4 * toStep);
        if (points > 5) {
          even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
        }
      }
      if (points > 6) {
        FloatVector evenHalf = plus(x0, 1f / 4, x2);
        FloatVector oddHalf = plus(times(1f / 2, x1), 1f / 8, x3);
        evenHalf.add(oddHalf).intoArray(to, toAt + 6 * toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toAt + 7 * toStep);
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
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      x4.intoArray(to, toAt);
      x0.intoArray(to, toAt + toStep);
      FloatVector even1 = x0.add(x2).add(x4);
      FloatVector odd1 = x1.add(x3);
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      if (points > 4) {
        FloatVector even2 = plus(plus(x0, 4f, x2), 16f, x4);
        FloatVector odd2 = plus(times(2f, x1), 8f, x3);
        even2.add(odd2).intoArray(to, toAt + 4 * toStep);
        if (points > 5) {
          even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
        }
      }
      if (points > 6) {
        FloatVector evenHalf = plus(plus(x0, 1f / 4, x2), 1f / 16, x4);
        FloatVector oddHalf = plus(times(1f / 2, x1), 1f / 8, x3);
        evenHalf.add(oddHalf).intoArray(to, toAt + 6 * toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toAt + 7 * toStep);
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
    for (int i = 0; i < count; i++, at += next, toAt += toNext) {
      FloatVector x0 = load(from, at);
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      x5.intoArray(to, toAt);
      x0.intoArray(to, toAt + toStep);
      FloatVector even1 = x0.add(x2).add(x4);
      FloatVector odd1 = x1.add(x3).add(x5);
      even1.add(odd1).intoArray(to, toAt + 2 * toStep);
      even1.sub(odd1).intoArray(to, toAt + 3 * toStep);
      if (points > 4) {
        FloatVector even2 = plus(plus(x0, 4f, x2), 16f, x4);
        FloatVector odd2 = plus(plus(times(2f, x1), 8f, x3), 32f, x5);
        even2.add(odd2).intoArray(to, toAt + 4 * toStep);
        if (points > 5) {
          even2.sub(odd2).intoArray(to, toAt + 5 * toStep);
        }
      }
      if (points > 6) {
        FloatVector evenHalf = plus(plus(x0, 1f / 4, x2), 1f / 16, x4);
        FloatVector oddHalf = plus(plus(times(1f / 2, x1), 1f / 8, x3), 1f / 32, x5);
        evenHalf.add(oddHalf).intoArray(to, toAt + 6 * toStep);
        if (points > 7) {
          evenHalf.sub(oddHalf).intoArray(to, toAt + 7 * toStep);
        }
      }
    }
  }

  private static void collect4(
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
    int last = toAt + (coefficients - 1) * toStep;
    for (int i = 0; i < count; i++, at += next, toAt += toNext, last += toNext) {
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      x1.add(even1).intoArray(to, toAt);
      odd1.intoArray(to, toAt + toStep);
      if (coefficients > 2) {
        even1.intoArray(to, toAt + 2 * toStep);
      }
      if (coefficients > 3) {
        odd1.intoArray(to, toAt + 3 * toStep);
      }
      load(to, last).add(load(from, at)).intoArray(to, last);
    }
  }

  private static void collect5(
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
    int last = toAt + (coefficients - 1) * toStep;
    for (int i = 0; i < count; i++, at += next, toAt += toNext, last += toNext) {
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      x1.add(even1).add(x4).intoArray(to, toAt);
      plus(odd1, 2f, x4).intoArray(to, toAt + toStep);
      if (coefficients > 2) {
        plus(even1, 4f, x4).intoArray(to, toAt + 2 * toStep);
      }
      if (coefficients > 3) {
        plus(odd1, 8f, x4).intoArray(to, toAt + 3 * toStep);
      }
      if (coefficients > 4) {
        plus(even1, 16f, x4).intoArray(to, toAt + 4 * toStep);
      }
      load(to, last).add(load(from, at)).intoArray(to, last);
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
    int last = toAt + (coefficients - 1) * toStep;
    for (int i = 0; i < count; i++, at += next, toAt += toNext, last += toNext) {
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      FloatVector even2 = x4.add(x5);
      FloatVector odd2 = x4.sub(x5);
      x1.add(even1).add(even2).intoArray(to, toAt);
      plus(odd1, 2f, odd2).intoArray(to, toAt + toStep);
      if (coefficients > 2) {
        plus(even1, 4f, even2).intoArray(to, toAt + 2 * toStep);
      }
      if (coefficients > 3) {
        plus(odd1, 8f, odd2).intoArray(to, toAt + 3 * toStep);
      }
      if (coefficients > 4) {
        plus(even1, 16f, even2).intoArray(to, toAt + 4 * toStep);
      }
      if (coefficients > 5) {
        plus(odd1, 32f, odd2).intoArray(to, toAt + 5 * toStep);
      }
      load(to, last).add(load(from, at)).intoArray(to, last);
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
    int last = toAt + (coefficients - 1) * toStep;
    for (int i = 0; i < count; i++, at += next, toAt += toNext, last += toNext) {
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      FloatVector x6 = load(from, at + 6 * step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      FloatVector even2 = x4.add(x5);
      FloatVector odd2 = x4.sub(x5);
      x1.add(even1).add(even2).add(x6).intoArray(to, toAt);
      plus(plus(odd1, 2f, odd2), 1f / 2, x6).intoArray(to, toAt + toStep);
      if (coefficients > 2) {
        plus(plus(even1, 4f, even2), 1f / 4, x6).intoArray(to, toAt + 2 * toStep);
      }
      if (coefficients > 3) {
        plus(plus(odd1, 8f, odd2), 1f / 8, x6).intoArray(to, toAt + 3 * toStep);
      }
      if (coefficients > 4) {
        plus(plus(even1, 16f, even2), 1f / 16, x6).intoArray(to, toAt + 4 * toStep);
      }
      if (coefficients > 5) {
        plus(plus(odd1, 32f, odd2), 1f / 32, x6).intoArray(to, toAt + 5 * toStep);
      }
      load(to, last).add(load(from, at)).intoArray(to, last);
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
    int last = toAt + (coefficients - 1) * toStep;
    for (int i = 0; i < count; i++, at += next, toAt += toNext, last += toNext) {
      FloatVector x1 = load(from, at + step);
      FloatVector x2 = load(from, at + 2 * step);
      FloatVector x3 = load(from, at + 3 * step);
      FloatVector x4 = load(from, at + 4 * step);
      FloatVector x5 = load(from, at + 5 * step);
      FloatVector x6 = load(from, at + 6 * step);
      FloatVector x7 = load(from, at + 7 * step);
      FloatVector even1 = x2.add(x3);
      FloatVector odd1 = x2.sub(x3);
      FloatVector even2 = x4.add(x5);
      FloatVector odd2 = x4.sub(x5);
      FloatVector evenHalf = x6.add(x7);
      FloatVector oddHalf = x6.sub(x7);
      x1.add(even1).add(even2).add(evenHalf).intoArray(to, toAt);
      plus(plus(odd1, 2f, odd2), 1f / 2, oddHalf).intoArray(to, toAt + toStep);
      if (coefficients > 2) {
        plus(plus(even1, 4f, even2), 1f / 4, evenHalf).intoArray(to, toAt + 2 * toStep);
      }
      if (coefficients > 3) {
        plus(plus(odd1, 8f, odd2), 1f / 8, oddHalf).intoArray(to, toAt + 3 * toStep);
      }
      if (coefficients > 4) {
        plus(plus(even1, 16f, even2), 1f / 16, evenHalf).intoArray(to, toAt + 4 * toStep);
      }
      if (coefficients > 5) {
        plus(plus(odd1, 32f, odd2), 1f / 32, oddHalf).intoArray(to, toAt + 5 * toStep);
      }
      load(to, last).add(load(from, at)).intoArray(to, last);
    }
  }
}
