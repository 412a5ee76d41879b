package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a sink's storage does what it is asked to, and the word about it: one line when that
 * changes, one a minute while it does not. Each duty is well again by its own success alone.
 *
 * <p>Thread-safe.
 */
final class StorageHealth {

  /** What a storage is asked to do. */
  enum Duty {
    KEEPING("keeps events again"),
    FORCING("forces events to disk again"),
    READING("reads events again"),
    DEAD_LETTERS("writes dead letters again");

    private final String wellAgain;

    Duty(String wellAgain) {
      this.wellAgain = wellAgain;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(StorageHealth.class);

  private final String sink;
  private final Map<Duty, Seldom> seldom = new EnumMap<>(Duty.class);

  /** The duties that are not done, and why; replaced, never changed. */
  private volatile Map<Duty, String> troubles = Map.of();

  StorageHealth(String sink, TimeSource time) {
    this.sink = sink;
    for (Duty duty : Duty.values()) {
      seldom.put(duty, new Seldom(time));
    }
  }

  /** Why the first of the duties that are not done is not. */
  Optional<String> trouble() {
    return troubles.entrySet().stream().min(Map.Entry.comparingByKey()).map(Map.Entry::getValue);
  }

  boolean isWell(Duty duty) {
    return !troubles.containsKey(duty);
  }

  synchronized void trouble(Duty duty, String what) {
    Map<Duty, String> more = new EnumMap<>(Duty.class);
    more.putAll(troubles);
    more.put(duty, what);
    troubles = Map.copyOf(more);
    if (seldom.get(duty).due() > 0) {
      LOG.error("sink {}: {}; tries again by itself", sink, what);
    }
  }

  /** A duty was done. Answers whether that is news. */
  boolean well(Duty duty) {
    if (isWell(duty)) {
      return false;
    }
    synchronized (this) {
      Map<Duty, String> less = new EnumMap<>(Duty.class);
      less.putAll(troubles);
      less.remove(duty);
      troubles = Map.copyOf(less);
    }
    LOG.info("sink {}: {}", sink, duty.wellAgain);
    return true;
  }
}
