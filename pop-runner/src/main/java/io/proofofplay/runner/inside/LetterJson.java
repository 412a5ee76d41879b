package io.proofofplay.runner.inside;

import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.core.spi.DeadLetter;
import java.io.IOException;

/** Writes what is known of a dead letter, without its event, as members of a JSON object. */
final class LetterJson {

  private LetterJson() {}

  static void write(JsonGenerator out, DeadLetter letter) throws IOException {
    out.writeStringField("time", letter.time().toString());
    out.writeStringField("uuid", letter.event().uuid());
    out.writeStringField("batch", letter.batch().toString());
    out.writeNumberField("status", letter.reason().status());
    out.writeStringField("reason", letter.reason().text());
    out.writeStringField("answer", letter.reason().answer());
  }
}
