package io.proofofplay.runner.ops;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Reason;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Writes a view as the JSON of {@code /status}. What is not known is {@code null}. */
final class StatusJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private StatusJson() {}

  static String of(View view) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeStringField("version", view.version());
      json.writeStringField("state", Words.of(view.stats().state()));
      json.writeObjectFieldStart("sources");
      for (Map.Entry<String, SourceStats> source : view.stats().sources().entrySet()) {
        json.writeObjectFieldStart(source.getKey());
        source(json, source.getValue());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeObjectFieldStart("sinks");
      for (Map.Entry<String, SinkStats> sink : view.stats().sinks().entrySet()) {
        json.writeObjectFieldStart(sink.getKey());
        sink(json, sink.getValue());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeArrayFieldStart("orphans");
      for (String name : view.orphans()) {
        json.writeString(name);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("a text takes everything", e);
    }
    return text + "\n";
  }

  private static void source(JsonGenerator json, SourceStats source) throws IOException {
    json.writeBooleanField("connected", source.connected());
    text(json, "sender", source.sender());
    text(json, "problem", source.problem());
    json.writeStringField("since", source.since().toString());
    json.writeNumberField("connections", source.connections());
    json.writeNumberField("accepted", source.accepted());
    json.writeNumberField("implausible", source.implausible());
    json.writeNumberField("repeated", source.repeated());
    json.writeNumberField("reusedUuids", source.reusedIds());
    json.writeObjectFieldStart("rejected");
    for (Refusal reason : Refusal.values()) {
      if (source.refused().containsKey(reason)) {
        json.writeNumberField(reason.code(), source.refused().get(reason));
      }
    }
    json.writeEndObject();
  }

  private static void sink(JsonGenerator json, SinkStats sink) throws IOException {
    json.writeStringField("state", Words.of(sink.state()));
    text(json, "problem", sink.problem());
    json.writeBooleanField("storing", sink.storing());
    json.writeNumberField("waiting", sink.waiting());
    Optional<Duration> age = sink.oldestWaiting();
    if (age.isPresent()) {
      json.writeNumberField("oldestWaitingSeconds", age.get().toMillis() / 1000.0);
    } else {
      json.writeNullField("oldestWaitingSeconds");
    }
    if (sink.lastAnswer().isPresent()) {
      Reason answer = sink.lastAnswer().get();
      json.writeObjectFieldStart("lastAnswer");
      json.writeNumberField("status", answer.status());
      json.writeStringField("text", answer.text());
      json.writeEndObject();
    } else {
      json.writeNullField("lastAnswer");
    }
    text(json, "lastAttempt", sink.lastAttempt().map(Instant::toString));
    text(json, "lastDelivery", sink.lastDelivery().map(Instant::toString));
    json.writeNumberField("spoolBytes", sink.spoolBytes());
    json.writeObjectFieldStart("submissions");
    for (String verdict : sink.submissions().keySet().stream().sorted().toList()) {
      json.writeNumberField(verdict, sink.submissions().get(verdict));
    }
    json.writeEndObject();
    json.writeObjectFieldStart("books");
    json.writeNumberField("recovered", sink.recovered());
    json.writeNumberField("accepted", sink.accepted());
    json.writeNumberField("delivered", sink.delivered());
    json.writeNumberField("waiting", sink.waiting());
    json.writeNumberField("dead", sink.dead());
    json.writeObjectFieldStart("dropped");
    for (DropReason reason : DropReason.values()) {
      if (sink.dropped().containsKey(reason)) {
        json.writeNumberField(reason.code(), sink.dropped().get(reason));
      }
    }
    json.writeEndObject();
    json.writeNumberField("imbalance", sink.imbalance());
    json.writeEndObject();
  }

  private static void text(JsonGenerator json, String name, Optional<String> text)
      throws IOException {
    if (text.isPresent()) {
      json.writeStringField(name, text.get());
    } else {
      json.writeNullField(name);
    }
  }
}
