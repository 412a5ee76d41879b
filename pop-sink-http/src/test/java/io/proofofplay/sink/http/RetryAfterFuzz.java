package io.proofofplay.sink.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.hc.core5.http.message.BasicHeader;

/**
 * Any two texts as {@code Retry-After} and {@code Date}: there is a pause from nothing to an hour,
 * or none; digits alone are always one, however many they are.
 */
public final class RetryAfterFuzz {

  private static final Instant NOW = Instant.parse("2026-04-01T12:00:00Z");

  private RetryAfterFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String[] texts = new String(input, StandardCharsets.ISO_8859_1).split("\n", 2);
    Answer answer =
        new Answer(
            429,
            texts.length == 1
                ? List.of(new BasicHeader("retry-after", texts[0]))
                : List.of(
                    new BasicHeader("Date", texts[1]), new BasicHeader("Retry-After", texts[0])),
            "");
    Optional<Duration> wait = RetryAfter.of(answer, NOW);

    wait.ifPresent(
        pause ->
            claim(
                !pause.isNegative() && pause.compareTo(RetryAfter.LONGEST) <= 0,
                pause + " is asked for"));
    String value = texts[0].strip();
    boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (digits) {
      claim(wait.isPresent(), "seconds count for nothing");
      String significant = value.replaceFirst("^0+", "");
      long seconds =
          significant.isEmpty()
              ? 0
              : significant.length() > 4 ? 3600 : Math.min(3600, Long.parseLong(significant));
      claim(wait.get().equals(Duration.ofSeconds(seconds)), wait.get() + " of " + value);
    } else {
      boolean resemblesDate = value.matches("(?s)(?=.*[A-Za-z]).*\\d.*");
      claim(wait.isEmpty() || resemblesDate, "nonsense counts");
    }
  }

  private static void claim(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
