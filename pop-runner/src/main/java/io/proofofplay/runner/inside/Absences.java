package io.proofofplay.runner.inside;

import io.proofofplay.runner.history.ConnectionChange;
import io.proofofplay.runner.history.ConnectionChange.What;
import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** When a source was not connected, as far as it is remembered. */
final class Absences {

  private Absences() {}

  /**
   * The spans in which at least one source was not connected, in order and apart from each other. A
   * relay that was killed is away from its last word on, which nobody has written down; its next
   * start tells that it was.
   */
  static List<Window> of(HistoryView history, Instant until) throws IOException {
    Map<String, Instant> since = new TreeMap<>();
    List<Window> away = new ArrayList<>();
    history.connections(
        change -> {
          if (change.what() == What.DISCONNECTED) {
            since.putIfAbsent(change.source(), change.time());
          } else if (change.what() == What.CONNECTED) {
            end(since, away, change);
          }
        });
    since.values().forEach(begun -> away.add(new Window(begun, until)));
    away.removeIf(window -> !window.to().isAfter(window.from()));
    away.sort(Comparator.comparing(Window::from));
    List<Window> apart = new ArrayList<>();
    for (Window next : away) {
      Window last = apart.isEmpty() ? null : apart.get(apart.size() - 1);
      if (last != null && !next.from().isAfter(last.to())) {
        Instant to = next.to().isAfter(last.to()) ? next.to() : last.to();
        apart.set(apart.size() - 1, new Window(last.from(), to));
      } else {
        apart.add(next);
      }
    }
    return apart;
  }

  private static void end(Map<String, Instant> since, List<Window> away, ConnectionChange change) {
    Instant begun = since.remove(change.source());
    if (begun != null) {
      away.add(new Window(begun, change.time()));
    }
  }
}
