package io.proofofplay.core.relay;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.RelayListener;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All listeners of a relay. What one throws reaches neither the relay nor the others. */
final class Listeners {

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  private final List<RelayListener> listeners;
  private final AtomicLong failures = new AtomicLong();

  Listeners(List<RelayListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  void tell(Consumer<RelayListener> report) {
    for (RelayListener listener : listeners) {
      try {
        report.accept(listener);
      } catch (RuntimeException e) {
        failed(listener, e);
      }
    }
  }

  /** Tells what is told with each event of a player, so without an object for the report. */
  void accepted(String source, List<PopEvent> events) {
    for (RelayListener listener : listeners) {
      try {
        listener.accepted(source, events);
      } catch (RuntimeException e) {
        failed(listener, e);
      }
    }
  }

  private void failed(RelayListener listener, RuntimeException e) {
    if (failures.getAndIncrement() == 0) {
      LOG.warn("listener {}: threw {}; counted from now on", listener.getClass().getName(), e, e);
    }
  }

  long failures() {
    return failures.get();
  }
}
