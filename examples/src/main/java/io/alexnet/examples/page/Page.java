package io.alexnet.examples.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What makes a page for a browser out of the resources here, and how text gets into it safely. */
public final class Page {

  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private Page() {}

  /** The styles of all our pages. */
  public static String style() {
    return resource(Page.class, "page.css");
  }

  /** The script that draws charts. */
  public static String charts() {
    return resource(Page.class, "charts.js");
  }

  /** A text file beside a class. */
  public static String resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            "the program is not whole: " + name + " is missing beside " + beside.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Puts values into the places of a template that are marked as in <code>{{title}}</code>. What is
   * put in is not looked through again.
   *
   * @param values safe for the place: see {@link #text} and {@link #json}
   * @throws IllegalArgumentException if the template has a place that there is no value for
   */
  public static String fill(String template, Map<String, String> values) {
    return PLACE
        .matcher(template)
        .replaceAll(
            place -> {
              String value = values.get(place.group(1));
              if (value == null) {
                throw new IllegalArgumentException("nothing to put in for " + place.group());
              }
              return Matcher.quoteReplacement(value);
            });
  }

  /** Text for an element's content or a quoted attribute. */
  public static String text(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** JSON for a script element, which no text in it can end. */
  public static String json(Object value) {
    return Json.write(value).replace("<", "\\u003c").replace(">", "\\u003e");
  }

  /** What a content security policy calls an inline script or style by: its SHA-256. */
  public static String hash(String content) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
