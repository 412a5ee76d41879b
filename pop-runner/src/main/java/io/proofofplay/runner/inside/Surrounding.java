package io.proofofplay.runner.inside;

import io.proofofplay.runner.history.ConnectionChange;
import io.proofofplay.runner.history.ConnectionChange.What;
import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the connections of a source were at a moment.
 *
 * @param source the source
 * @param before the last change up to then; empty if none is remembered
 * @param after the next change; empty if there was none
 */
record Surrounding(
    String source, Optional<ConnectionChange> before, Optional<ConnectionChange> after) {

  /** Those of every source, at a moment. */
  static List<Surrounding> at(Instant moment, HistoryView history) throws IOException {
    Map<String, ConnectionChange> before = new LinkedHashMap<>();
    Map<String, ConnectionChange> after = new LinkedHashMap<>();
    history.connections(
        change -> {
          if (change.what() == What.STARTED) {
            // It ends what was connected; a source that comes again says so itself.
            before.replaceAll((source, last) -> ended(last, change, moment));
            after.putAll(endedAfter(before, after, change, moment));
          } else if (change.time().isAfter(moment)) {
            after.putIfAbsent(change.source(), change);
          } else {
            before.put(change.source(), change);
          }
        });
    List<Surrounding> all = new ArrayList<>();
    List<String> sources = new ArrayList<>(before.keySet());
    after.keySet().stream().filter(source -> !before.containsKey(source)).forEach(sources::add);
    for (String source : sources) {
      all.add(
          new Surrounding(
              source,
              Optional.ofNullable(before.get(source)),
              Optional.ofNullable(after.get(source))));
    }
    return all;
  }

  private static ConnectionChange ended(
      ConnectionChange last, ConnectionChange start, Instant moment) {
    return last.what() == What.CONNECTED && !start.time().isAfter(moment)
        ? new ConnectionChange(
            start.time(), What.DISCONNECTED, last.source(), "the relay began anew")
        : last;
  }

  private static Map<String, ConnectionChange> endedAfter(
      Map<String, ConnectionChange> before,
      Map<String, ConnectionChange> after,
      ConnectionChange start,
      Instant moment) {
    Map<String, ConnectionChange> ended = new LinkedHashMap<>();
    if (start.time().isAfter(moment)) {
      before.forEach(
          (source, last) -> {
            if (last.what() == What.CONNECTED && !after.containsKey(source)) {
              ended.put(
                  source,
                  new ConnectionChange(
                      start.time(), What.DISCONNECTED, source, "the relay began anew"));
            }
          });
    }
    return ended;
  }

  /** Whether the source was connected then. */
  boolean isConnected() {
    return before.filter(change -> change.what() == What.CONNECTED).isPresent();
  }

  @Override
  public String toString() {
    String then =
        before
            .map(change -> words(change) + " since " + change.time() + why(change))
            .orElse("nothing is remembered of before");
    return "source "
        + source
        + ": "
        + then
        + after
            .map(change -> "; then " + words(change) + " at " + change.time() + why(change))
            .orElse("");
  }

  private static String words(ConnectionChange change) {
    return change.what() == What.CONNECTED ? "connected" : "not connected";
  }

  private static String why(ConnectionChange change) {
    return change.what() == What.CONNECTED ? "" : " (" + change.words() + ")";
  }
}
