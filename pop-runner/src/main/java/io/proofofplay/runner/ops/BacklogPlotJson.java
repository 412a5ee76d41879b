package io.proofofplay.runner.ops;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/**
 * Writes a plot as the JSON of {@code /history}: for each sink three lists of one length, the
 * oldest point first.
 */
final class BacklogPlotJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private BacklogPlotJson() {}

  static String of(BacklogPlot plot) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("everySeconds", BacklogPlot.EVERY.toSeconds());
      json.writeObjectFieldStart("sinks");
      for (Map.Entry<String, List<BacklogPlot.Point>> sink : plot.points().entrySet()) {
        json.writeObjectFieldStart(sink.getKey());
        json.writeArrayFieldStart("agoSeconds");
        for (BacklogPlot.Point point : sink.getValue()) {
          json.writeNumber(point.agoSeconds());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("waiting");
        for (BacklogPlot.Point point : sink.getValue()) {
          json.writeNumber(point.waiting());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("oldestWaitingSeconds");
        for (BacklogPlot.Point point : sink.getValue()) {
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
