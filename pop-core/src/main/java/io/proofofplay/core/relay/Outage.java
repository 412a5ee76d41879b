package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time in which a sink does not deliver: one line at its start, one a minute with counts, one
 * at its end.
 *
 * <p>Thread-safe.
 */
final class Outage {

  private static final long EVERY = Duration.ofMinutes(1).toNanos();
  private static final long STAYS_WELL = Duration.ofSeconds(3).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  private final String sink;
  private final TimeSource time;

  private boolean on;
  private boolean well;
  private long wellSince;
  private long began;
  private long saidAt;
  private long attempts;
  private String problem = "";

  Outage(String sink, TimeSource time) {
    this.sink = sink;
    this.time = time;
  }

  synchronized void failed(String reason, long waiting) {
    long now = time.nanos();
    if (well && now - wellSince >= STAYS_WELL) {
      end(waiting);
    }
    well = false;
    attempts++;
    problem = reason;
    if (!on) {
      on = true;
      began = now;
      saidAt = now;
      LOG.warn("sink {}: does not deliver: {}; {} events wait", sink, reason, waiting);
    } else {
      remind(waiting);
    }
  }

  /** Says that it is over, or that it goes on if the last word is a minute old. */
  synchronized void remind(long waiting) {
    long now = time.nanos();
    if (on && well && now - wellSince >= STAYS_WELL) {
      end(waiting);
    }
    if (on && now - saidAt >= EVERY) {
      saidAt = now;
      LOG.warn(
          "sink {}: has not delivered for {}, {} attempts; last: {}; {} events wait",
          sink,
          Spans.text(Duration.ofNanos(now - began)),
          attempts,
          problem,
          waiting);
    }
  }

  /** Something was delivered. */
  synchronized void delivered() {
    if (on && !well) {
      well = true;
      wellSince = time.nanos();
    }
  }

  /** The last word, if there is one to say. */
  synchronized void close(long waiting) {
    if (on && well) {
      end(waiting);
    }
  }

  private void end(long waiting) {
    LOG.info(
        "sink {}: delivers again after {} and {} failed attempts; {} events wait",
        sink,
        Spans.text(Duration.ofNanos(wellSince - began)),
        attempts,
        waiting);
    on = false;
    well = false;
    attempts = 0;
  }

  synchronized boolean isOn() {
    return on && !well;
  }

  synchronized String problem() {
    return problem;
  }
}
