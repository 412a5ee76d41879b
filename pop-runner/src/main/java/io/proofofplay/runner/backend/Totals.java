package io.proofofplay.runner.backend;

import io.proofofplay.core.json.JsonLine;
import java.nio.charset.StandardCharsets;

/**
 * What a backend has got so far.
 *
 * @param requests how many requests with a batch, whatever was answered
 * @param taken how many of them were answered 200
 * @param events how many events came in those: {@code distinct + conflicts + repeats}
 * @param distinct how many had a uuid that was not known
 * @param repeats how many had come before with the same bytes; not kept again
 * @param conflicts how many had a known uuid and other bytes; kept
 * @param reusedKeys how many requests had the idempotency key of an earlier one and another body
 */
public record Totals(
    long requests,
    long taken,
    long events,
    long distinct,
    long repeats,
    long conflicts,
    long reusedKeys) {

  /** As one line of JSON, without a line end. */
  String json() {
    byte[] line =
        new JsonLine()
            .put("requests", requests)
            .put("taken", taken)
            .put("events", events)
            .put("distinct", distinct)
            .put("repeats", repeats)
            .put("conflicts", conflicts)
            .put("reusedKeys", reusedKeys)
            .end();
    return new String(line, 0, line.length - 1, StandardCharsets.UTF_8);
  }
}
