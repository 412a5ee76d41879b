package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryAfterTest {

  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private static Optional<Duration> of(String value, String date) {
    return of(NOW, date, value);
  }

  private static Optional<Duration> of(Instant now, String date, String... values) {
    List<Header> headers = new ArrayList<>();
    for (String value : values) {
      headers.add(new BasicHeader("retry-after", value));
    }
    if (date != null) {
      headers.add(new BasicHeader("Date", date));
    }
    return RetryAfter.of(new Answer(503, headers, ""), now);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "3, 3",
    "0120, 120",
    "3600, 3600",
    "3601, 3600",
    "999999999, 3600",
    "99999999999999999999999, 3600",
    "000000000000000000000007, 7",
    "' 7', 7",
    "'7\t ', 7"
  })
  void secondsCountUpToAnHour(String value, long seconds) {
    assertThat(of(value, null)).contains(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 22 Nov 2026 12:00:30 GMT",
        "Sunday, 22-Nov-26 12:00:30 GMT",
        "Sun Nov 22 12:00:30 2026",
        "sun, 22 nov 2026 12:00:30 gmt",
        "  Sun, 22 Nov 2026 12:00:30 GMT\t"
      })
  void aDateCountsInEachOfItsForms(String date) {
    assertThat(of(date, null)).contains(Duration.ofSeconds(30));
  }

  @Test
  void aDayOfOneDigitMayBePaddedWithABlank() {
    assertThat(of("Sun Nov  8 12:00:30 2026", "Sun, 8 Nov 2026 12:00:00 GMT"))
        .contains(Duration.ofSeconds(30));
  }

  @Test
  void aDateIsMeasuredByTheBackendsOwnClock() {
    assertThat(of("Thu, 01 Jan 2015 00:01:00 GMT", "Thu, 01 Jan 2015 00:00:00 GMT"))
        .contains(Duration.ofSeconds(60));
    assertThat(of("Sun, 22 Nov 2026 12:00:30 GMT", "rubbish")).contains(Duration.ofSeconds(30));
  }

  @Test
  void aDateSaysNothingWithoutABackendsClockAndWithOneOfOursThatCannotBeRight() {
    Instant booted = Instant.EPOCH.plusSeconds(60);
    String until = "Sun, 22 Nov 2026 12:00:30 GMT";
    assertThat(of(booted, null, until)).isEmpty();
    assertThat(of(booted, "rubbish", until)).isEmpty();
    assertThat(of(booted, "Sun, 22 Nov 2026 12:00:00 GMT", until)).contains(Duration.ofSeconds(30));
    assertThat(of(booted, null, "30")).contains(Duration.ofSeconds(30));
  }

  @Test
  void aClockThatIsYearsAheadMakesADateNoWait() {
    assertThat(of(NOW.plus(Duration.ofDays(9000)), null, "Sun, 22 Nov 2026 12:00:30 GMT"))
        .contains(Duration.ZERO);
  }

  @Test
  void ofSeveralTheLongestThatIsUnderstoodCounts() {
    assertThat(of(NOW, null, "7", "30", "9")).contains(Duration.ofSeconds(30));
    assertThat(of(NOW, null, "soon", "9")).contains(Duration.ofSeconds(9));
    assertThat(of(NOW, null, "9", "Sun, 22 Nov 2026 12:00:30 GMT"))
        .contains(Duration.ofSeconds(30));
    assertThat(of(NOW, null, "", "-1")).isEmpty();
  }

  @Test
  void aDateThatIsOverIsNoWaitAndAFarOneAnHour() {
    assertThat(of("Sun, 22 Nov 2026 11:00:00 GMT", null)).contains(Duration.ZERO);
    assertThat(of("Mon, 22 Nov 2027 11:00:00 GMT", null)).contains(Duration.ofHours(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "soon",
        "-3",
        "+3",
        "1.5",
        "1,5",
        "1e3",
        "3 s",
        "3, 7",
        "0x10",
        "Infinity",
        "٣",
        "Sun, 99 Nov 2026 12:00:30 GMT",
        "Mon, 22 Nov 2026 12:00:30 GMT",
        "Sun, 22 Nov 2026 12:00:60 GMT",
        "Sun, 22 Nov 2026 12:00:30",
        "2026-11-22T12:00:30Z",
        "Sun, 22 Nov 99999999999 12:00:30 GMT"
      })
  void nonsenseIsIgnored(String value) {
    assertThat(of(value, null)).isEmpty();
  }

  @Test
  void noHeaderIsNoWait() {
    assertThat(RetryAfter.of(new Answer(503, List.of(), ""), NOW)).isEmpty();
  }
}
