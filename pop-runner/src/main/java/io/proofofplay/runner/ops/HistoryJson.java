package io.proofofplay.runner.ops;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/**
 * Writes a history as the JSON of {@code /history}: for each sink three lists of one length, the
 * oldest point first.
 */
final class HistoryJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private HistoryJson() {}

  static String of(History history) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("everySeconds", History.EVERY.toSeconds());
      json.writeObjectFieldStart("sinks");
      for (Map.Entry<String, List<History.Point>> sink : history.points().entrySet()) {
        json.writeObjectFieldStart(sink.getKey());
        json.writeArrayFieldStart("agoSeconds");
        for (History.Point point : sink.getValue()) {
          json.writeNumber(point.agoSeconds());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("waiting");
        for (History.Point point : sink.getValue()) {
          json.writeNumber(point.waiting());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("oldestWaitingSeconds");
        for (History.Point point : sink.getValue()) {
          json.writeNumber(point.oldestSeconds());
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("a text takes everything", e);
    }
    return text + "\n";
  }
}
