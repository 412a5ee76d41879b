package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time in which a sink does not deliver: one line at its start, one a minute with counts, one
 * at its end. A sink that fails again within two minutes of its last word comes and goes: until it
 * has been well for two minutes that is one time, with one line a minute.
 *
 * <p>Thread-safe.
 */
final class Outage {

  private static final long EVERY = Duration.ofMinutes(1).toNanos();
  private static final long STEADY = Duration.ofMinutes(2).toNanos();
  private static final long STAYS_WELL = Duration.ofSeconds(3).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  private final String sink;
  private final TimeSource time;

  private boolean on;
  private boolean well;
  private boolean everSaid;
  private boolean comesAndGoes;
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
    if (isOver(now)) {
      end(waiting);
    }
    well = false;
    attempts++;
    problem = reason;
    if (!on) {
      on = true;
      began = now;
      comesAndGoes = everSaid && now - saidAt < STEADY;
      if (!comesAndGoes) {
        said(now);
        LOG.warn("sink {}: does not deliver: {}; {} events wait", sink, reason, waiting);
      }
    } else {
      remind(waiting);
    }
  }

  private boolean isOver(long now) {
    if (!on || !well) {
      return false;
    }
    long since = now - wellSince;
    // One that comes and goes has one word a minute, the last one included.
    return comesAndGoes ? since >= STEADY && now - saidAt >= EVERY : since >= STAYS_WELL;
  }

  private void said(long now) {
    everSaid = true;
    saidAt = now;
  }

  /** Says that it is over, or that it goes on if the last word is a minute old. */
  synchronized void remind(long waiting) {
    long now = time.nanos();
    if (isOver(now)) {
      end(waiting);
    }
    if (on && now - saidAt >= EVERY) {
      said(now);
      LOG.warn(
          "sink {}: {} for {}, {} attempts; last: {}; {} events wait",
          sink,
          comesAndGoes ? "comes and goes" : "has not delivered",
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
    said(time.nanos());
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
