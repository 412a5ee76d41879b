package io.proofofplay.sink.http;

import io.proofofplay.core.spi.TimeSource;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Consumer;

/** Tells once a day of a certificate that is about to expire, while there is time to renew it. */
final class ExpiryNotice {

  private static final Duration SOON = Duration.ofDays(14);
  private static final Duration AGAIN_AFTER = Duration.ofDays(1);

  private final String subject;
  private final String remedy;
  private final TimeSource time;
  private final Consumer<String> notices;

  private boolean told;
  private long toldAt;

  /**
   * Watches one role of a certificate.
   *
   * @param subject whose it is, for the beginning of the line
   * @param remedy what would be right
   * @param time both clocks
   * @param notices takes the lines
   */
  ExpiryNotice(String subject, String remedy, TimeSource time, Consumer<String> notices) {
    this.subject = subject;
    this.remedy = remedy;
    this.time = time;
    this.notices = notices;
  }

  void look(X509Certificate certificate) {
    Instant end = certificate.getNotAfter().toInstant();
    Instant now = time.now();
    Duration left = Duration.between(now, end);
    if (left.compareTo(SOON) > 0 || !WallClock.canBeRight(now)) {
      return;
    }
    if (told && time.nanos() - toldAt < AGAIN_AFTER.toNanos()) {
      return;
    }
    told = true;
    toldAt = time.nanos();
    long days = left.abs().toDays();
    String span = days == 1 ? "1 day" : days + " days";
    notices.accept(
        subject
            + (left.isNegative() ? " has expired " + span + " ago" : " expires in " + span)
            + " ("
            + end.atOffset(ZoneOffset.UTC).toLocalDate()
            + "); "
            + remedy);
  }
}
