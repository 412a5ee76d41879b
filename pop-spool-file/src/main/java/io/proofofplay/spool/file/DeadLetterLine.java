package io.proofofplay.spool.file;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.Reason;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A dead letter as a line of JSON, and back. The sender of the event is not in it. */
final class DeadLetterLine {

  private DeadLetterLine() {}

  static byte[] of(DeadLetter letter) {
    return put(new JsonLine(), letter);
  }

  /** A line that says as well when the letter was discarded. */
  static byte[] of(DeadLetter letter, Instant discarded) {
    return put(new JsonLine().put("discarded", discarded.toString()), letter);
  }

  private static byte[] put(JsonLine line, DeadLetter letter) {
    return line.put("time", letter.time().toString())
        .put("batch", letter.batch().toString())
        .put("status", letter.reason().status())
        .put("reason", letter.reason().text())
        .put("answer", letter.reason().answer())
        .put("event", letter.event().json())
        .end();
  }

  /** The members of a line without its end; empty if it is no JSON object. */
  static Optional<Map<String, Object>> members(byte[] line) {
    return JsonScanner.faultOf(line, 0, line.length).isPresent()
        ? Optional.empty()
        : Optional.of(JsonScanner.read(line, 0, line.length));
  }

  /** The letter in a line without its end; empty if there is none that can be read. */
  static Optional<DeadLetter> read(byte[] line) {
    Optional<Map<String, Object>> members = members(line);
    if (members.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> letter = members.get();
    try {
      byte[] event = text(letter, "event").getBytes(StandardCharsets.UTF_8);
      Optional<BatchId> batch = BatchId.parse(text(letter, "batch"));
      if (batch.isEmpty() || PopEvent.refusalOf(event, 0, event.length).isPresent()) {
        return Optional.empty();
      }
      int status =
          letter.get("status") instanceof JsonNumber number ? Integer.parseInt(number.text()) : 0;
      return Optional.of(
          new DeadLetter(
              Instant.parse(text(letter, "time")),
              batch.get(),
              new Reason(text(letter, "reason"), status, text(letter, "answer")),
              PopEvent.scanned(event, 0, event.length, null)));
    } catch (DateTimeException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String text(Map<String, Object> members, String name) {
    return members.get(name) instanceof String text ? text : "";
  }
}
