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
import java.util.List;
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
      json.writeStringField("now", view.now().toString());
      json.writeNumberField("uptimeSeconds", view.uptime().toSeconds());
      json.writeArrayFieldStart("troubles");
      for (Trouble trouble : Troubles.of(view)) {
        trouble(json, trouble);
      }
      json.writeEndArray();
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
        sink(json, sink.getKey(), sink.getValue(), view);
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeArrayFieldStart("orphans");
      for (String name : view.orphans()) {
        json.writeString(name);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("plays");
      for (Recent.Shown play : view.plays()) {
        play(json, play);
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

  private static void trouble(JsonGenerator json, Trouble trouble) throws IOException {
    json.writeStartObject();
    json.writeStringField("code", trouble.message().code());
    json.writeStringField("weight", Words.of(trouble.weight()));
    json.writeStringField("about", trouble.about());
    json.writeStringField("title", trouble.message().title());
    json.writeStringField("detail", trouble.detail());
    json.writeStringField("advice", trouble.message().advice());
    json.writeEndObject();
  }

  private static void play(JsonGenerator json, Recent.Shown play) throws IOException {
    json.writeStartObject();
    json.writeStringField("at", play.at().toString());
    json.writeStringField("source", play.source());
    json.writeStringField("uuid", play.uuid());
    text(json, "asset", play.asset());
    text(json, "device", play.device());
    text(json, "startedAt", play.startedAt().map(Instant::toString));
    if (play.duration().isPresent()) {
      json.writeNumberField("durationSeconds", play.duration().get().toMillis() / 1000.0);
    } else {
      json.writeNullField("durationSeconds");
    }
    json.writeNumberField("bytes", play.bytes());
    json.writeEndObject();
  }

  private static void answer(JsonGenerator json, Recent.Answered answer) throws IOException {
    json.writeStartObject();
    json.writeStringField("at", answer.at().toString());
    json.writeStringField("verdict", answer.verdict());
    json.writeNumberField("status", answer.status());
    json.writeStringField("text", answer.text());
    json.writeNumberField("events", answer.events());
    json.writeNumberField("tookMillis", answer.took().toMillis());
    json.writeEndObject();
  }

  private static void sink(JsonGenerator json, String name, SinkStats sink, View view)
      throws IOException {
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
    json.writeArrayFieldStart("answers");
    for (Recent.Answered answer : view.answers().getOrDefault(name, List.of())) {
      answer(json, answer);
    }
    json.writeEndArray();
    text(json, "lastAttempt", sink.lastAttempt().map(Instant::toString));
    text(json, "lastDelivery", sink.lastDelivery().map(Instant::toString));
    json.writeNumberField("spoolBytes", sink.spoolBytes());
    json.writeNumberField("deadLetters", sink.deadLetters());
    json.writeNumberField("spoolLimitBytes", view.limits().getOrDefault(name, 0L));
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
