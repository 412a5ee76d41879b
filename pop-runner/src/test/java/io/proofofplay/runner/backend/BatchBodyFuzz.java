package io.proofofplay.runner.backend;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.proofofplay.core.model.PopEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes at all as the body of a request, its first byte choosing the form: it is refused with a
 * reason, or every event in it is found, in its order and with its own bytes.
 */
public final class BatchBodyFuzz {

  private static final ObjectMapper TREE =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private BatchBodyFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    boolean lines = (input[0] & 1) == 1;
    // With room behind it, like the array that a body was read into.
    byte[] body = Arrays.copyOfRange(input, 1, input.length + 8);
    int length = input.length - 1;
    List<PopEvent> events;
    try {
      events = BatchBody.eventsIn(body, length, lines);
    } catch (NoBatch e) {
      claim(e.getMessage() != null && !e.getMessage().isBlank(), "refused without a reason");
      return;
    }
    claim(!events.isEmpty(), "a batch without events");
    int at = 0;
    for (PopEvent event : events) {
      claim(event.array() == body && event.offset() >= at, "the events overlap");
      at = event.offset() + event.length();
      claim(at <= length, "an event stands behind the end");
      claim(PopEvent.refusalOf(body, event.offset(), event.length()).isEmpty(), "none is taken");
    }
    if (!lines) {
      JsonNode root = TREE.readTree(body, 0, length);
      JsonNode expected = root.isArray() ? root : root.get("events");
      // An envelope that names its events twice is refused by no tree, which takes the last.
      if (root.isArray()
          || new String(body, 0, length, StandardCharsets.UTF_8).split("events", -1).length == 2) {
        claim(expected.size() == events.size(), "another number of events");
        for (int i = 0; i < events.size(); i++) {
          claim(expected.get(i).equals(TREE.readTree(events.get(i).bytes())), "another event");
        }
      }
    }
  }

  private static void claim(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
