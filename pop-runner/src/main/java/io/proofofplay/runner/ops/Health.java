package io.proofofplay.runner.ops;

import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import java.util.ArrayList;
import java.util.List;

/** Whether the relay can accept and store. A destination's outage has no part in it. */
final class Health {

  private Health() {}

  /** Why it cannot; empty if it can. */
  static List<String> troubles(RelayStats stats) {
    List<String> troubles = new ArrayList<>();
    if (stats.state() != RelayState.RUNNING) {
      troubles.add("the relay is " + Words.of(stats.state()));
    }
    stats
        .sinks()
        .forEach(
            (name, sink) -> {
              sink.storageTrouble()
                  .ifPresent(
                      why ->
                          troubles.add(
                              "sink " + name + ": events cannot be stored at the moment: " + why));
            });
    return troubles;
  }
}
