package io.alexnet.examples.report;

import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.Resize;
import io.alexnet.examples.chart.FilterSheet;
import io.alexnet.examples.page.DataUri;
import io.alexnet.examples.page.EpochJson;
import io.alexnet.examples.page.Json;
import io.alexnet.examples.page.Page;
import io.alexnet.graph.Network;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Shape;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.ParameterNorms;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A page about one training: a single file that loads nothing and needs no server. What is not
 * given is left out of the page. Used by one thread.
 */
public final class Report {

  /** Up to so many classes the matrix is a table; above it is a picture. */
  public static final int MOST_CLASSES_IN_TABLE = 40;

  private static final int PAIRS = 12;
  private static final int THUMBNAIL = 128;
  private static final int SMALL_IMAGE = 64;
  private static final int FILTERS_SIDE = 640;

  private final String title;
  private final Map<String, Object> data = new LinkedHashMap<>();

  public Report(String title) {
    this.title = title;
    data.put("epochs", List.of());
    data.put("commands", List.of());
    data.put("configuration", Map.of());
  }

  /**
   * The curves.
   *
   * @param planned epochs that there are to be in all
   */
  public Report epochs(List<EpochRecord> epochs, int planned) {
    data.put("epochsPlanned", planned);
    data.put("epochs", epochs.stream().map(EpochJson::of).toList());
    return this;
  }

  /** The norms of each layer's parameters together, over the epochs. */
  public Report norms(List<ParameterNorms> norms) {
    int[] epochs = norms.stream().mapToInt(ParameterNorms::epoch).distinct().sorted().toArray();
    Map<String, double[][]> squares = new LinkedHashMap<>(); // weights, gradients by epoch
    for (ParameterNorms each : norms) {
      double[][] layer =
          squares.computeIfAbsent(layer(each.parameter()), name -> new double[2][epochs.length]);
      int epoch = Arrays.binarySearch(epochs, each.epoch());
      layer[0][epoch] += each.weight() * each.weight();
      layer[1][epoch] += each.gradient() * each.gradient();
    }
    List<Map<String, Object>> layers = new ArrayList<>();
    squares.forEach(
        (name, sums) ->
            layers.add(Map.of("name", name, "weight", roots(sums[0]), "gradient", roots(sums[1]))));
    data.put("norms", Map.of("epochs", Arrays.stream(epochs).boxed().toList(), "layers", layers));
    return this;
  }

  private static String layer(String parameter) {
    int point = parameter.lastIndexOf('.');
    return point < 0 ? parameter : parameter.substring(0, point);
  }

  /** Null where one of the parts is not known. */
  private static List<Double> roots(double[] squares) {
    return Arrays.stream(squares).mapToObj(square -> Json.figure(Math.sqrt(square))).toList();
  }

  /** The layers and how many parameters they have. */
  public Report network(Network network) {
    data.put("summary", network.summary());
    data.put("parameters", network.parameters().stream().mapToLong(p -> p.value().size()).sum());
    return this;
  }

  /** The filters of the network's first convolution, as its weights are now. */
  public Report filters(Network network) {
    network.parameters().stream()
        .filter(parameter -> parameter.value().shape().rank() == 4)
        .findFirst()
        .ifPresent(parameter -> data.put("filters", filters(parameter)));
    return this;
  }

  private static Map<String, Object> filters(Parameter parameter) {
    Shape shape = parameter.value().shape();
    int magnification = FilterSheet.magnificationWithin(shape, FILTERS_SIDE);
    BufferedImage sheet = FilterSheet.draw(parameter.value(), magnification);
    return Map.of(
        "parameter",
        parameter.name(),
        "shape",
        "%d filters of %d×%d pixels and %s"
            .formatted(
                shape.dimension(0),
                shape.dimension(2),
                shape.dimension(3),
                shape.dimension(1) == 1 ? "1 channel" : shape.dimension(1) + " channels"),
        "image",
        DataUri.png(sheet));
  }

  /**
   * The confusion matrix, what is mistaken for what most often, and the figures of each class.
   *
   * @param of which weights and images
   * @param evaluation as in {@code evaluation.json}, one crop; perhaps without a matrix
   * @param picture of the matrix, a data URI, for more classes than {@value
   *     #MOST_CLASSES_IN_TABLE}; null for none
   */
  public Report confusion(String of, Map<?, ?> evaluation, String picture) {
    List<?> classes = (List<?>) evaluation.get("classes");
    List<?> matrix = (List<?>) evaluation.get("confusion");
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("of", of);
    map.put("top1", evaluation.get("top1"));
    map.put("images", evaluation.get("images"));
    map.put("classes", classes);
    map.put("pairs", matrix == null ? List.of() : pairs(classes, matrix));
    if (classes.size() <= MOST_CLASSES_IN_TABLE) {
      map.put("matrix", matrix);
    } else if (picture != null) {
      map.put("picture", picture);
    }
    data.put("confusion", map);
    return this;
  }

  private record Pair(int actual, int predicted, int count) {}

  /** The most frequent mistakes. */
  private static List<Map<String, Object>> pairs(List<?> classes, List<?> matrix) {
    List<Pair> pairs = new ArrayList<>();
    for (int actual = 0; actual < classes.size(); actual++) {
      List<?> row = (List<?>) matrix.get(actual);
      for (int predicted = 0; predicted < classes.size(); predicted++) {
        int count = ((Number) row.get(predicted)).intValue();
        if (actual != predicted && count > 0) {
          pairs.add(new Pair(actual, predicted, count));
        }
      }
    }
    pairs.sort((a, b) -> Integer.compare(b.count(), a.count()));
    return pairs.stream()
        .limit(PAIRS)
        .map(
            pair -> {
              Map<?, ?> actual = (Map<?, ?>) classes.get(pair.actual());
              Map<?, ?> predicted = (Map<?, ?>) classes.get(pair.predicted());
              return Map.of(
                  "actual", actual.get("class"),
                  "predicted", predicted.get("class"),
                  "count", pair.count(),
                  "of", actual.get("images"));
            })
        .toList();
  }

  /**
   * The images that were mistaken, with what was made of them.
   *
   * @param images that the mistakes are indices into
   */
  public Report mistakes(List<Mistake> mistakes, ResizedImages images) {
    data.put("mistakes", mistakes.stream().map(mistake -> toMap(mistake, images)).toList());
    return this;
  }

  private static Map<String, Object> toMap(Mistake mistake, ResizedImages images) {
    Dataset dataset = images.dataset();
    List<String> names = dataset.classNames();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", dataset.name(mistake.example()));
    map.put("label", names.get(mistake.label()));
    map.put("probability", mistake.probability());
    map.put(
        "guesses",
        mistake.guesses().stream()
            .map(g -> Map.of("class", names.get(g.label()), "probability", g.probability()))
            .toList());
    map.put("small", images.side() <= SMALL_IMAGE);
    map.put("image", thumbnail(images, mistake.example()));
    return map;
  }

  private static String thumbnail(ResizedImages images, int index) {
    Image image = new Image(images.side(), images.side(), images.channels(), images.pixels(index));
    if (image.width() > THUMBNAIL) {
      image = Resize.square(image, THUMBNAIL);
    }
    int type = image.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage picture = new BufferedImage(image.width(), image.height(), type);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int c = 0; c < image.channels(); c++) {
          picture.getRaster().setSample(x, y, c, image.sample(x, y, c));
        }
      }
    }
    return image.width() <= SMALL_IMAGE ? DataUri.png(picture) : DataUri.jpeg(picture);
  }

  /**
   * How the weights of the best and the last epoch do.
   *
   * @param evaluation as in {@code evaluation.json}
   */
  public Report evaluation(Map<?, ?> evaluation) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", evaluation.get("data"));
    for (String part : List.of("best", "last")) {
      Map<?, ?> weights = (Map<?, ?>) evaluation.get(part);
      List<?> views = (List<?>) weights.get("evaluations");
      map.put(
          part,
          Map.of(
              "epoch",
              weights.get("epoch"),
              "evaluations",
              views.stream().map(view -> withoutClasses((Map<?, ?>) view)).toList()));
    }
    data.put("evaluation", map);
    return this;
  }

  /** Of a thousand classes the matrices are megabytes, and one is in the page already. */
  private static Map<?, ?> withoutClasses(Map<?, ?> evaluation) {
    Map<Object, Object> figures = new LinkedHashMap<>(evaluation);
    figures.remove("classes");
    figures.remove("confusion");
    return figures;
  }

  /**
   * What the training was begun, and gone on with.
   *
   * @param configuration as JSON would have it
   */
  public Report run(List<String> commands, Map<String, Object> configuration) {
    data.put("commands", commands);
    data.put("configuration", configuration);
    return this;
  }

  /**
   * The whole page.
   *
   * @param state in a sentence: how far the training is
   */
  public String html(String state) {
    String style = Page.style() + Page.resource(Report.class, "report.css");
    String script = Page.charts() + Page.resource(Report.class, "report.js");
    return Page.fill(
        Page.resource(Report.class, "report.html"),
        Map.of(
            "title", Page.text(title),
            "state", Page.text(state),
            "style", style,
            "styleHash", Page.hash(style),
            "script", script,
            "scriptHash", Page.hash(script),
            "data", Page.json(data)));
  }
}
