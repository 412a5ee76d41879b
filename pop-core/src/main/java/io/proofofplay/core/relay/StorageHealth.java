package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a sink's storage does what it is asked to, and the word about it: one line when that
 * changes, one a minute while it does not.
 *
 * <p>Thread-safe.
 */
final class StorageHealth {

  private static final Logger LOG = LoggerFactory.getLogger(StorageHealth.class);

  private final String sink;
  private final Seldom seldom;
  private volatile boolean well = true;

  StorageHealth(String sink, TimeSource time) {
    this.sink = sink;
    seldom = new Seldom(time);
  }

  boolean isWell() {
    return well;
  }

  void trouble(String what) {
    if (well || seldom.due() > 0) {
      LOG.error("sink {}: {}; tries again by itself", sink, what);
    }
    well = false;
  }

  /** Something was stored. Answers whether that is news. */
  boolean recovered() {
    if (well) {
      return false;
    }
    well = true;
    LOG.info("sink {}: events can be kept again", sink);
    return true;
  }
}
