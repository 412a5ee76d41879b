package io.proofofplay.sink.http;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;

/**
 * The {@code Retry-After} header: RFC 9110, 10.2.3. A number of seconds, or a date in one of the
 * three forms of 5.6.7; at most an hour; anything else counts for nothing.
 */
final class RetryAfter {

  static final Duration LONGEST = Duration.ofHours(1);

  private static final Pattern SECONDS = Pattern.compile("\\d+");

  /** Longer numbers are beyond the longest wait whatever they say. */
  private static final int MOST_DIGITS = 9;

  private RetryAfter() {}

  /**
   * How long the backend asks to be left alone.
   *
   * @param now this device's wall clock, used only if the answer has no proper {@code Date}: the
   *     backend's date is measured by the backend's own clock, since ours may be years off
   */
  static Optional<Duration> of(Answer answer, Instant now) {
    return answer.header("Retry-After").flatMap(value -> of(value, answer, now));
  }

  private static Optional<Duration> of(String value, Answer answer, Instant now) {
    if (SECONDS.matcher(value).matches()) {
      String digits = value.replaceFirst("^0+(?=\\d)", "");
      return Optional.of(
          digits.length() > MOST_DIGITS
              ? LONGEST
              : bounded(Duration.ofSeconds(Long.parseLong(digits))));
    }
    return date(value)
        .map(
            until ->
                bounded(
                    Duration.between(
                        answer.header("Date").flatMap(RetryAfter::date).orElse(now), until)));
  }

  private static Optional<Instant> date(String value) {
    return Optional.ofNullable(DateUtils.parseStandardDate(value));
  }

  private static Duration bounded(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
