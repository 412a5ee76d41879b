package io.proofofplay.core.relay;

import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.DropReason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * What one sink gave up: counts, and the way into the ledger. An entry that the ledger does not
 * take is kept, joined with its like, and tried again.
 *
 * <p>Thread-safe.
 */
final class DropBook implements AutoCloseable {

  private final String sink;
  private final DropLedger ledger;
  private final Logger log;
  private final Seldom seldom;
  private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
  private final Deque<Drop> unwritten = new ArrayDeque<>();

  DropBook(String sink, DropLedger ledger, Logger log, Seldom seldom) {
    this.sink = sink;
    this.ledger = ledger;
    this.log = log;
    this.seldom = seldom;
  }

  /** Counts a drop; cheap, so that it can happen together with other bookings. */
  synchronized void count(Drop drop) {
    counts.merge(drop.reason(), drop.count(), Long::sum);
  }

  /** Puts a drop that was counted into the ledger. */
  synchronized void write(Drop drop) {
    Drop last = unwritten.peekLast();
    if (last != null && last.reason() == drop.reason()) {
      unwritten.removeLast();
      unwritten.addLast(last.join(drop));
    } else {
      unwritten.addLast(drop);
    }
    if (seldom.due() > 0) {
      log.warn(
          "sink {}: gave up {} events ({}); {} in all since the start, see its drop ledger",
          sink,
          drop.count(),
          drop.reason().code(),
          total());
    }
    flush();
  }

  /** Writes what is not written yet, as far as the ledger takes it. */
  synchronized boolean flush() {
    while (!unwritten.isEmpty()) {
      try {
        ledger.record(unwritten.peekFirst());
      } catch (IOException e) {
        return false;
      }
      unwritten.removeFirst();
    }
    return true;
  }

  synchronized Map<DropReason, Long> counts() {
    return new EnumMap<>(counts);
  }

  @Override
  public synchronized void close() throws IOException {
    ledger.close();
  }

  private long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
