package io.proofofplay.runner.backend;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes the body of a request apart into events, each with the very bytes that it has in the body.
 * There are three forms: a JSON array of events, an object with such an array as {@code events},
 * and one event a line.
 */
final class BatchBody {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // What an event may hold is the event's own rule; here only its borders are looked for.
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private static final String EVENTS = "events";
  private static final int BLOCK = 8 << 10;

  private final byte[] bytes;
  private final int length;
  private final List<PopEvent> events = new ArrayList<>();

  private BatchBody(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  /**
   * The events of a body.
   *
   * @param lines whether the body is one event a line
   * @return at least one, over the given array
   * @throws NoBatch if the body is anything else
   */
  static List<PopEvent> eventsIn(byte[] bytes, int length, boolean lines) throws NoBatch {
    BatchBody body = new BatchBody(bytes, length);
    if (lines) {
      body.splitLines();
    } else {
      body.splitJson();
    }
    if (body.events.isEmpty()) {
      throw new NoBatch("the batch has no events; at least one is right");
    }
    return body.events;
  }

  private void splitLines() throws NoBatch {
    int from = 0;
    for (int at = 0; at <= length; at++) {
      if (at == length || bytes[at] == '\n') {
        if (at > from) {
          addEvent(from, at);
        }
        from = at + 1;
      }
    }
  }

  private void splitJson() throws NoBatch {
    for (int i = 0; i < length; i++) {
      // Jackson guesses UTF-16 from these, in which places are no places in the bytes.
      if (bytes[i] == 0) {
        throw new NoBatch("the body is not JSON in UTF-8: there is a NUL at byte " + i);
      }
    }
    requireUtf8();
    try (JsonParser parser = JSON.createParser(bytes, 0, length)) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_ARRAY) {
        splitArray(parser);
      } else if (first == JsonToken.START_OBJECT) {
        splitEnvelope(parser);
      } else {
        throw new NoBatch("the body is neither a JSON array of events nor an envelope");
      }
      if (parser.nextToken() != null) {
        throw new NoBatch(
            "there is something behind the batch, at byte "
                + parser.currentTokenLocation().getByteOffset());
      }
    } catch (IOException e) {
      throw new NoBatch("the body is not JSON: " + firstLine(e));
    }
  }

  /** The parser looks only at what is read of it, which the values beside the events are not. */
  private void requireUtf8() throws NoBatch {
    ByteBuffer left = ByteBuffer.wrap(bytes, 0, length);
    CharBuffer unread = CharBuffer.allocate(BLOCK);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    while (true) {
      CoderResult result = decoder.decode(left, unread.clear(), true);
      if (result.isError()) {
        throw new NoBatch("the body is not JSON in UTF-8: see byte " + left.position());
      }
      if (result.isUnderflow()) {
        return;
      }
    }
  }

  private void splitEnvelope(JsonParser parser) throws IOException, NoBatch {
    boolean found = false;
    boolean named = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (EVENTS.equals(name) && value == JsonToken.START_ARRAY && !found) {
        found = true;
        splitArray(parser);
      } else if ("batch".equals(name) && value == JsonToken.VALUE_STRING) {
        named = true;
      } else {
        parser.skipChildren();
      }
    }
    if (!found || !named) {
      throw new NoBatch("the body is an object without \"batch\" and an array \"events\"");
    }
  }

  private void splitArray(JsonParser parser) throws IOException, NoBatch {
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      if (token != JsonToken.START_OBJECT) {
        throw new NoBatch("event " + events.size() + " of the batch is not an object");
      }
      int from = (int) parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      addEvent(from, (int) parser.currentLocation().getByteOffset());
      token = parser.nextToken();
    }
  }

  private void addEvent(int from, int to) throws NoBatch {
    Optional<Refusal> refusal = PopEvent.refusalOf(bytes, from, to - from);
    if (refusal.isPresent()) {
      throw new NoBatch(
          "event " + events.size() + " of the batch is none: " + refusal.get().text());
    }
    // JSON allows it between two tokens; but whoever writes an event a line would write two.
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n') {
        throw new NoBatch(
            "event "
                + events.size()
                + " of the batch is none: there is a line feed in it; an event is one line");
      }
    }
    events.add(PopEvent.scanned(bytes, from, to - from, null));
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
