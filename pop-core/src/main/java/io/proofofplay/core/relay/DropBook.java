package io.proofofplay.core.relay;

import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one sink gave up: the counts by reason, and the way into the ledger.
 *
 * <p>A run of drops begins with an entry of its own, written at once. What follows for the same
 * reason is joined, and written when the run has ended, or after a span that grows from one second
 * to ten while the run lasts: so a full spool costs the card a few lines, not one for each event. A
 * kill in the middle of a run loses at most that span of the ledger; the counts in the books are
 * always those of the moment. An entry that the ledger does not take is kept and tried again.
 *
 * <p>What was kept before it is given up is not joined: its entry is written before it is gone, so
 * that a kill finds it in the one place or the other.
 *
 * <p>Thread-safe.
 */
final class DropBook implements AutoCloseable {

  private static final long FIRST_SPAN = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_SPAN = Duration.ofSeconds(10).toNanos();
  private static final Logger LOG = LoggerFactory.getLogger(DropBook.class);

  /** The drops for one reason that follow one another. */
  private static final class Run {

    private Drop unwritten;
    private long lastDrop;
    private long lastWrite;
    private long span = FIRST_SPAN;
    private long count;
    private long saidAt;
  }

  private final String sink;
  private final DropLedger ledger;
  private final TimeSource time;
  private final Listeners listeners;

  /** Not guarded as the rest is, so that who counts does not wait while the ledger is written. */
  private final Map<DropReason, Long> counts = new ConcurrentHashMap<>();

  private final Map<DropReason, Run> runs = new EnumMap<>(DropReason.class);

  DropBook(String sink, DropLedger ledger, TimeSource time, Listeners listeners) {
    this.sink = sink;
    this.ledger = ledger;
    this.time = time;
    this.listeners = listeners;
  }

  /** Counts a drop; cheap, so that it can happen together with other bookings. */
  void count(Drop drop) {
    counts.merge(drop.reason(), drop.count(), Long::sum);
  }

  /** Takes drops that were counted towards the ledger. */
  void write(List<Drop> dropped) {
    for (Drop drop : dropped) {
      take(drop, false);
    }
  }

  /** Writes a drop down now, as far as the ledger takes it; for before it is counted and told. */
  void writeAhead(Drop drop) {
    take(drop, true);
  }

  /** Tells of drops that were taken towards the ledger before. */
  void tell(List<Drop> dropped) {
    for (Drop drop : dropped) {
      listeners.tell(listener -> listener.dropped(sink, drop));
    }
  }

  private synchronized void take(Drop drop, boolean atOnce) {
    long now = time.nanos();
    Run run = runs.get(drop.reason());
    if (run == null) {
      run = new Run();
      runs.put(drop.reason(), run);
      run.unwritten = drop;
      run.saidAt = now;
      LOG.warn("sink {}: gives up events: {}", sink, drop.reason().code());
      tryToWrite(run, now);
    } else {
      run.unwritten = run.unwritten == null ? drop : run.unwritten.join(drop);
      if (atOnce) {
        tryToWrite(run, now);
      }
    }
    run.lastDrop = now;
    run.count += drop.count();
  }

  /** Writes what is due, as far as the ledger takes it, and ends the runs that are over. */
  synchronized void flush() {
    long now = time.nanos();
    runs.entrySet()
        .removeIf(
            entry -> {
              Run run = entry.getValue();
              boolean over = now - run.lastDrop >= LONGEST_SPAN;
              if (run.unwritten != null && (over || now - run.lastWrite >= run.span)) {
                run.span = Math.min(2 * run.span, LONGEST_SPAN);
                tryToWrite(run, now);
              }
              return say(entry.getKey(), run, over && run.unwritten == null, now);
            });
  }

  private boolean say(DropReason reason, Run run, boolean over, long now) {
    if (over || now - run.saidAt >= Duration.ofMinutes(1).toNanos()) {
      run.saidAt = now;
      LOG.warn(
          "sink {}: {} {} events: {}; see its drop ledger",
          sink,
          over ? "gave up" : "still gives up events, so far",
          run.count,
          reason.code());
    }
    return over;
  }

  private void tryToWrite(Run run, long now) {
    try {
      ledger.record(run.unwritten);
      run.unwritten = null;
    } catch (IOException e) {
      LOG.debug("sink {}: the drop ledger cannot be written, tries again", sink, e);
    }
    run.lastWrite = now;
  }

  Map<DropReason, Long> counts() {
    // In the order of the reasons, which is the order in which people read them.
    Map<DropReason, Long> ordered = new EnumMap<>(DropReason.class);
    ordered.putAll(counts);
    return ordered;
  }

  /** How many entries the ledger has given up because there were too many. */
  long discarded() {
    return ledger.discarded();
  }

  @Override
  public synchronized void close() throws IOException {
    long now = time.nanos();
    long lost = 0;
    for (Map.Entry<DropReason, Run> entry : runs.entrySet()) {
      Run run = entry.getValue();
      if (run.unwritten != null) {
        tryToWrite(run, now);
      }
      lost += run.unwritten == null ? 0 : run.unwritten.count();
      say(entry.getKey(), run, true, now);
    }
    runs.clear();
    ledger.close();
    if (lost > 0) {
      throw new IOException("the drop ledger does not take the last " + lost + " drops");
    }
  }
}
