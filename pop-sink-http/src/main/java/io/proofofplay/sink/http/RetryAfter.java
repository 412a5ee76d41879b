package io.proofofplay.sink.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The {@code Retry-After} header: RFC 9110, 10.2.3. A number of seconds, or a date in one of the
 * three forms of 5.6.7; at most an hour; anything else counts for nothing. Of several, the longest.
 */
final class RetryAfter {

  static final Duration LONGEST = Duration.ofHours(1);

  private static final Pattern SECONDS = Pattern.compile("\\d+");

  /** Longer numbers are beyond the longest wait whatever they say. */
  private static final int MOST_DIGITS = 9;

  /** Years of two digits are those of this century: no backend asks for the last one. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 2000)
              .appendPattern(" HH:mm:ss 'GMT'")
              .toFormatter(Locale.ENGLISH)
              .withZone(ZoneOffset.UTC),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH)
              .withZone(ZoneOffset.UTC));

  private RetryAfter() {}

  /**
   * How long the backend asks to be left alone.
   *
   * @param now this device's wall clock, used only if the answer has no proper {@code Date}: the
   *     backend's date is measured by the backend's own clock, since ours may be years off. If it
   *     cannot be right, a date without another one beside it says nothing
   */
  static Optional<Duration> of(Answer answer, Instant now) {
    return answer
        .values("Retry-After")
        .flatMap(value -> of(value, answer, now).stream())
        .max(Comparator.naturalOrder());
  }

  private static Optional<Duration> of(String value, Answer answer, Instant now) {
    if (SECONDS.matcher(value).matches()) {
      String digits = value.replaceFirst("^0+(?=\\d)", "");
      return Optional.of(
          digits.length() > MOST_DIGITS
              ? LONGEST
              : bounded(Duration.ofSeconds(Long.parseLong(digits))));
    }
    Optional<Instant> from =
        answer
            .header("Date")
            .flatMap(RetryAfter::date)
            .or(() -> Optional.of(now).filter(WallClock::canBeRight));
    return date(value).flatMap(until -> from.map(start -> bounded(Duration.between(start, until))));
  }

  private static Optional<Instant> date(String value) {
    for (DateTimeFormatter form : DATES) {
      try {
        return Optional.of(form.parse(value, Instant::from));
      } catch (DateTimeException e) {
        // Another form, or none.
      }
    }
    return Optional.empty();
  }

  private static Duration bounded(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
