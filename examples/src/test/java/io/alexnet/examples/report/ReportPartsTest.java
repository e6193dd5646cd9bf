package io.alexnet.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.alexnet.examples.page.Json;
import io.alexnet.train.ParameterNorms;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportPartsTest {

  private static Map<?, ?> data(Report report) throws IOException {
    String html = report.html("as a test");
    String json = html.substring(html.indexOf("id=\"data\">") + 10);
    return (Map<?, ?>) Json.read(new StringReader(json.substring(0, json.indexOf("</script>"))));
  }

  @Test
  void aLayersNormIsThatOfAllItsParameters() throws IOException {
    Report report =
        new Report("norms")
            .norms(
                List.of(
                    new ParameterNorms(1, "conv1.weight", 3, 6),
                    new ParameterNorms(1, "conv1.bias", 4, 8),
                    new ParameterNorms(1, "a.b.weight", 2, 1),
                    new ParameterNorms(3, "conv1.weight", 5, Double.NaN),
                    new ParameterNorms(3, "conv1.bias", 12, 1),
                    new ParameterNorms(3, "a.b.weight", 2.5, 0.5)));
    Map<?, ?> norms = (Map<?, ?>) data(report).get("norms");
    assertEquals(List.of(1, 3), norms.get("epochs"));
    List<?> layers = (List<?>) norms.get("layers");
    assertEquals(
        Map.of(
            "name", "conv1",
            "weight", List.of(5.0, 13.0),
            "gradient", Arrays.asList(10.0, null)),
        layers.get(0));
    assertEquals(
        Map.of("name", "a.b", "weight", List.of(2.0, 2.5), "gradient", List.of(1.0, 0.5)),
        layers.get(1));
  }

  /** A row of 10 for each class, of which class c has min(c, 10) wrong, all taken for the next. */
  private static Map<String, Object> evaluation(int classes) {
    List<Object> names = new ArrayList<>();
    List<Object> matrix = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      Integer[] row = new Integer[classes];
      Arrays.fill(row, 0);
      row[c] = 10 - Math.min(c, 10);
      row[(c + 1) % classes] = Math.min(c, 10);
      names.add(Map.of("class", "class " + c, "images", 10));
      matrix.add(List.of(row));
    }
    return Map.of("top1", 0.5, "images", 10 * classes, "classes", names, "confusion", matrix);
  }

  @Test
  void fewClassesAreATableAndManyAPicture() throws IOException {
    Map<?, ?> few =
        (Map<?, ?>) data(new Report("few").confusion("", evaluation(40), "data:")).get("confusion");
    assertEquals(40, ((List<?>) few.get("matrix")).size());
    Map<?, ?> many =
        (Map<?, ?>)
            data(new Report("many").confusion("", evaluation(41), "data:")).get("confusion");
    assertEquals("data:", many.get("picture"));
    assertFalse(many.containsKey("matrix"));
  }

  @Test
  void theMostFrequentMistakesComeFirst() throws IOException {
    Map<?, ?> confusion =
        (Map<?, ?>) data(new Report("pairs").confusion("", evaluation(5), null)).get("confusion");
    assertEquals(
        List.of(
            Map.of("actual", "class 4", "predicted", "class 0", "count", 4, "of", 10),
            Map.of("actual", "class 3", "predicted", "class 4", "count", 3, "of", 10),
            Map.of("actual", "class 2", "predicted", "class 3", "count", 2, "of", 10),
            Map.of("actual", "class 1", "predicted", "class 2", "count", 1, "of", 10)),
        confusion.get("pairs"));
  }
}
