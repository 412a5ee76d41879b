package io.proofofplay.core.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes one JSON object on one line, member by member.
 *
 * <p>Not thread-safe: one line, one thread, used once.
 */
public final class JsonLine {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
  private final JsonGenerator generator;

  /** An object without members. */
  public JsonLine() {
    try {
      generator = FACTORY.createGenerator(bytes);
      generator.writeStartObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Adds a string.
   *
   * @param name the member's name
   * @param text its text; {@code null} writes a JSON null
   * @return this line
   */
  public JsonLine put(String name, String text) {
    try {
      generator.writeStringField(name, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /**
   * Adds a whole number.
   *
   * @param name the member's name
   * @param number its value
   * @return this line
   */
  public JsonLine put(String name, long number) {
    try {
      generator.writeNumberField(name, number);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /**
   * Adds a number as a JSON sender spelled it.
   *
   * @param name the member's name
   * @param number the number; {@code null} writes a JSON null
   * @return this line
   */
  public JsonLine put(String name, JsonNumber number) {
    try {
      generator.writeFieldName(name);
      if (number == null) {
        generator.writeNull();
      } else {
        generator.writeNumber(number.text());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /**
   * Ends the object.
   *
   * @return its bytes in UTF-8, with a line feed behind it
   */
  public byte[] end() {
    try {
      generator.writeEndObject();
      generator.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }
}
