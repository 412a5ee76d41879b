package io.proofofplay.runner.inside;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;

/** Writes one JSON object on one line, with whatever is nested in it. */
final class JsonObject {

  /** What stands between the braces. */
  @FunctionalInterface
  interface Members {
    void write(JsonGenerator out) throws IOException;
  }

  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonObject() {}

  static String of(Members members) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(text)) {
      out.writeStartObject();
      members.write(out);
      out.writeEndObject();
    }
    return text.toString();
  }
}
