package io.alexnet.examples.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageTest {

  private static final String HOSTILE = "</script><script>alert('1')</script>&amp;\"<!--{{a}}$1\\";

  @Test
  void whatIsFilledInIsNotLookedThroughAgain() {
    assertEquals("1 {{b}} 2 $1\\", Page.fill("1 {{a}} 2 {{b}}", Map.of("a", "{{b}}", "b", "$1\\")));
    assertThrows(IllegalArgumentException.class, () -> Page.fill("{{c}}", Map.of("a", "b")));
  }

  @Test
  void textEndsNoElementAndNoAttribute() {
    String text = Page.text(HOSTILE);
    assertFalse(text.matches("(?s).*[<>\"'].*"), text);
    assertTrue(text.endsWith("&amp;amp;&quot;&lt;!--{{a}}$1\\"), text);
  }

  @Test
  void jsonEndsNoScriptAndReadsBack() throws IOException {
    Map<String, Object> value = Map.of(HOSTILE, Arrays.asList(HOSTILE, 1.5, null, true));
    String json = Page.json(value);
    assertFalse(json.contains("<"), json);
    assertEquals(value, Json.read(new StringReader(json)));
  }

  @Test
  void aLineIsALine() throws IOException {
    Map<String, Object> value = Map.of("a\nb", List.of(Map.of("c", 1), List.of()));
    String line = Json.line(value);
    assertEquals(1, line.lines().count());
    assertEquals(value, Json.read(new StringReader(line)));
  }

  @Test
  void jsonIsReadUpToAsMuchAsIsAskedFor() throws IOException {
    String json = "[" + "1,".repeat(1_300_000) + "1]";
    assertThrows(IOException.class, () -> Json.read(new StringReader(json)));
    assertEquals(1_300_001, ((List<?>) Json.read(new StringReader(json), 1_400_000)).size());
  }

  @Test
  void printedJsonHasNoCharacterThatAConsoleMayNotKnow() throws IOException {
    Map<String, Object> value = Map.of("class", "Gänseblümchen 桜 🌸");
    String text = Json.ascii(value);
    assertTrue(text.chars().allMatch(c -> c < 128), text);
    assertEquals(value, Json.read(new StringReader(text)));
  }
}
