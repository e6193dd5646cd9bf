package io.alexnet.layer;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Kernels;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * By which algorithm each convolution of a network is computed in each pass. The same choice gives
 * the same bits; another one sums in another order. Immutable.
 */
public final class ConvolutionChoice {

  /** {@link Kernels#plan}: from the shapes alone. */
  public static final ConvolutionChoice AUTO = new ConvolutionChoice("auto", Map.of());

  /** {@link ConvAlgorithm#IMPLICIT_GEMM} everywhere, where the kernels have it. */
  public static final ConvolutionChoice DIRECT = new ConvolutionChoice("direct", Map.of());

  /** {@link ConvAlgorithm#WINOGRAD} wherever the window allows, the rest as {@link #AUTO}. */
  public static final ConvolutionChoice WINOGRAD = new ConvolutionChoice("winograd", Map.of());

  private static final String RULE = "rule";

  private final String name;
  private final Map<String, ConvAlgorithm> algorithms;

  private ConvolutionChoice(String name, Map<String, ConvAlgorithm> algorithms) {
    this.name = name;
    this.algorithms = Collections.unmodifiableMap(new TreeMap<>(algorithms));
  }

  /**
   * One algorithm for each layer and pass, as measured. What the map does not name, or names an
   * algorithm for that the kernels in use do not have, is computed as by {@link #AUTO}.
   *
   * @param algorithms by {@link #key}
   * @throws IllegalArgumentException if a key is not of that form
   */
  public static ConvolutionChoice tuned(Map<String, ConvAlgorithm> algorithms) {
    algorithms.keySet().forEach(ConvolutionChoice::layerOf);
    return new ConvolutionChoice("tune", algorithms);
  }

  /** The layer's name and the pass, as in {@code conv1.backward_data}. */
  public static String key(String layer, ConvPass pass) {
    return layer + "." + label(pass);
  }

  private static String label(ConvPass pass) {
    return pass.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The layer in a {@link #key}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static String layerOf(String key) {
    for (ConvPass pass : ConvPass.values()) {
      if (key.endsWith("." + label(pass))) {
        return key.substring(0, key.length() - label(pass).length() - 1);
      }
    }
    throw new IllegalArgumentException(
        "choice of convolutions: '" + key + "' is not a layer and a pass, as in conv1.forward");
  }

  /** {@code auto}, {@code direct}, {@code winograd} or {@code tune}. */
  public String name() {
    return name;
  }

  /** What was measured, by {@link #key}; empty unless {@link #tuned}. */
  public Map<String, ConvAlgorithm> algorithms() {
    return algorithms;
  }

  /** Never {@link ConvAlgorithm#AUTO}. */
  public ConvAlgorithm algorithm(Kernels kernels, String layer, ConvShape shape, ConvPass pass) {
    ConvAlgorithm wanted =
        switch (name) {
          case "direct" -> ConvAlgorithm.IMPLICIT_GEMM;
          case "winograd" -> ConvAlgorithm.WINOGRAD;
          default -> algorithms.getOrDefault(key(layer, pass), ConvAlgorithm.AUTO);
        };
    return wanted == ConvAlgorithm.AUTO || !kernels.supports(shape, wanted)
        ? kernels.plan(shape, pass)
        : wanted;
  }

  /** As text, for {@link #ofText}. */
  public Map<String, String> toText() {
    Map<String, String> text = new TreeMap<>();
    text.put(RULE, name);
    algorithms.forEach((key, algorithm) -> text.put(key, algorithm.name()));
    return text;
  }

  /**
   * The choice that {@link #toText} was of.
   *
   * @throws IllegalArgumentException if it is of none
   */
  public static ConvolutionChoice ofText(Map<String, String> text) {
    String rule = text.get(RULE);
    if (!"tune".equals(rule)) {
      return named(rule);
    }
    Map<String, ConvAlgorithm> algorithms = new TreeMap<>();
    text.forEach(
        (key, algorithm) -> {
          if (!key.equals(RULE)) {
            algorithms.put(key, algorithmNamed(key, algorithm));
          }
        });
    return tuned(algorithms);
  }

  private static ConvolutionChoice named(String rule) {
    for (ConvolutionChoice choice : new ConvolutionChoice[] {AUTO, DIRECT, WINOGRAD}) {
      if (choice.name.equals(rule)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "choice of convolutions: '" + rule + "' is none of auto, direct, winograd, tune");
  }

  private static ConvAlgorithm algorithmNamed(String key, String algorithm) {
    try {
      return ConvAlgorithm.valueOf(algorithm);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "choice of convolutions: '" + algorithm + "' of " + key + " is no algorithm", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConvolutionChoice choice
        && name.equals(choice.name)
        && algorithms.equals(choice.algorithms);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + algorithms.hashCode();
  }

  @Override
  public String toString() {
    return algorithms.isEmpty() ? name : name + " " + algorithms;
  }
}
