package io.alexnet.examples.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, strings, numbers, booleans and null. */
public final class Json {

  /** Far more than a configuration has; an empty list of two characters takes ten times as many. */
  private static final long MOST_TOKENS = 1_200_000;

  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** The number, or null for NaN and infinity, which JSON does not have. */
  public static Double figure(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** For people to read, on many lines. */
  public static String write(Object value) {
    return write(value, new DefaultPrettyPrinter(), 0) + '\n';
  }

  /** As {@link #write}, in ASCII: a console's encoding may be any. */
  public static String ascii(Object value) {
    return write(value, new DefaultPrettyPrinter(), 127) + '\n';
  }

  /** On a single line, without a line break at its end. */
  public static String line(Object value) {
    return write(value, new MinimalPrettyPrinter(), 0);
  }

  /**
   * @param last character that is written as it is; 0 for all
   */
  private static String write(Object value, PrettyPrinter printer, int last) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text).setPrettyPrinter(printer)) {
      generator.setHighestNonEscapedChar(last);
      write(value, generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter does not fail
    }
    return text.toString();
  }

  private static void write(Object value, JsonGenerator generator) throws IOException {
    if (value instanceof Map<?, ?> map) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        generator.writeFieldName(entry.getKey().toString());
        write(entry.getValue(), generator);
      }
      generator.writeEndObject();
    } else if (value instanceof List<?> list) {
      generator.writeStartArray();
      for (Object element : list) {
        write(element, generator);
      }
      generator.writeEndArray();
    } else if (value instanceof Float number) {
      generator.writeNumber(number);
    } else if (value instanceof Double number) {
      generator.writeNumber(number);
    } else if (value instanceof Number number) {
      generator.writeNumber(number.longValue());
    } else if (value instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else if (value == null) {
      generator.writeNull();
    } else {
      generator.writeString(value.toString());
    }
  }

  /**
   * @throws IOException also if the text is not JSON, or too much of it
   */
  public static Object read(Reader text) throws IOException {
    return read(text, MOST_TOKENS);
  }

  /**
   * @param mostTokens brackets, names and values that there may be
   * @throws IOException also if the text is not JSON, has a name twice, or is too much
   */
  public static Object read(Reader text, long mostTokens) throws IOException {
    StreamReadConstraints few =
        StreamReadConstraints.builder()
            .maxTokenCount(Math.max(MOST_TOKENS, mostTokens))
            .maxDocumentLength(Runtime.getRuntime().maxMemory() / 8)
            .build();
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(few)
            .build();
    try (JsonParser parser = factory.createParser(text)) {
      parser.nextToken();
      Object value = read(parser);
      if (parser.nextToken() != null) {
        throw new IOException("it goes on behind its end");
      }
      return value;
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
      throw new IOException(line + e.getOriginalMessage(), e);
    }
  }

  private static Object read(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("it is empty");
    }
    switch (token) {
      case START_OBJECT:
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, read(parser));
        }
        return map;
      case START_ARRAY:
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(parser));
        }
        return list;
      case VALUE_NULL:
        return null;
      case VALUE_TRUE:
      case VALUE_FALSE:
        return parser.getBooleanValue();
      case VALUE_NUMBER_INT:
      case VALUE_NUMBER_FLOAT:
        return parser.getNumberValue();
      default:
        return parser.getText();
    }
  }
}
