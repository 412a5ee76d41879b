package io.proofofplay.core.relay;

import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one sink gave up: the counts by reason, and the way into the ledger. An entry that the
 * ledger does not take is kept, joined with its like, and tried again.
 *
 * <p>Thread-safe.
 */
final class DropBook implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DropBook.class);

  private final String sink;
  private final DropLedger ledger;
  private final Listeners listeners;
  private final Seldom seldom;
  private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
  private final Deque<Drop> unwritten = new ArrayDeque<>();

  DropBook(String sink, DropLedger ledger, TimeSource time, Listeners listeners) {
    this.sink = sink;
    this.ledger = ledger;
    this.listeners = listeners;
    seldom = new Seldom(time);
  }

  /** Counts a drop; cheap, so that it can happen together with other bookings. */
  synchronized void count(Drop drop) {
    counts.merge(drop.reason(), drop.count(), Long::sum);
  }

  /** Puts drops that were counted into the ledger, durably if it takes them, and tells of them. */
  void write(List<Drop> dropped) {
    for (Drop drop : dropped) {
      synchronized (this) {
        Drop last = unwritten.peekLast();
        if (last != null && last.reason() == drop.reason()) {
          unwritten.removeLast();
          unwritten.addLast(last.join(drop));
        } else {
          unwritten.addLast(drop);
        }
        flush();
        if (seldom.due() > 0) {
          LOG.warn(
              "sink {}: gave up {} events ({}); {} in all since the start, see its drop ledger",
              sink,
              drop.count(),
              drop.reason().code(),
              counts.values().stream().mapToLong(Long::longValue).sum());
        }
      }
      listeners.tell(listener -> listener.dropped(sink, drop));
    }
  }

  /** Writes what is not written yet, as far as the ledger takes it. */
  synchronized void flush() {
    while (!unwritten.isEmpty()) {
      try {
        ledger.record(unwritten.peekFirst());
      } catch (IOException e) {
        // A full disk takes it later; until then it is counted, and joined with what follows.
        return;
      }
      unwritten.removeFirst();
    }
  }

  synchronized Map<DropReason, Long> counts() {
    return new EnumMap<>(counts);
  }

  @Override
  public synchronized void close() throws IOException {
    flush();
    int lost = unwritten.size();
    ledger.close();
    if (lost > 0) {
      throw new IOException(lost + " entries of the drop ledger could not be written");
    }
  }
}
