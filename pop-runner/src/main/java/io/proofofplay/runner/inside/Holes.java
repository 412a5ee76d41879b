package io.proofofplay.runner.inside;

import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.history.Hole;
import io.proofofplay.runner.terminal.Counted;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What was delivered and could not be written down, in words. */
final class Holes {

  private Holes() {}

  /**
   * The holes that may hold what was played at a time or after it: nothing is delivered before.
   *
   * @param history by all that was read of it so far
   */
  static List<Hole> since(Instant from, HistoryView history) {
    return history.deliveryHoles().stream().filter(hole -> !hole.to().isBefore(from)).toList();
  }

  /** Such as {@code 12 events that were delivered from … to … could not be written down}. */
  static Optional<String> words(List<Hole> holes) {
    return holes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            holes.stream()
                    .map(
                        hole ->
                            Counted.of(hole.entries(), "event")
                                + " delivered from "
                                + hole.from()
                                + " to "
                                + hole.to())
                    .collect(Collectors.joining(" and "))
                + " could not be written down");
  }
}
