package io.proofofplay.runner.inside;

import io.proofofplay.runner.history.ConnectionChange;
import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * When a source was not connected, as far as it is remembered.
 *
 * <p>A relay that was killed could not write when its connections ended. They count until its last
 * sign of life: a change of a connection, a delivery, an event that it kept.
 *
 * <p>Not thread-safe.
 */
final class Absences {

  private final List<ConnectionChange> changes = new ArrayList<>();

  /** When nobody could write down what came and went. */
  private final List<Window> holes = new ArrayList<>();

  /** Before that it is not known of every source how it was. */
  private Instant known = Instant.MAX;

  /** The last sign of life before each start, by the start; that behind the last one at its end. */
  private final TreeMap<Instant, Instant> lastSigns = new TreeMap<>();

  /** What is of later was written while the clock was ahead, and says nothing. */
  private final Instant present;

  private Absences(Instant present) {
    this.present = present;
    lastSigns.put(Instant.MAX, Instant.MIN);
  }

  /**
   * Reads what is remembered of connections.
   *
   * @param present how late it is
   */
  static Absences in(HistoryView history, Instant present) throws IOException {
    Absences absences = new Absences(present);
    history.connections(
        change -> {
          absences.changes.add(change);
          if (change.what() == ConnectionChange.What.STARTED) {
            absences.lastSigns.put(change.time(), Instant.MIN);
          }
        });
    absences.changes.forEach(change -> absences.alive(change.time()));
    history
        .connectionHoles()
        .forEach(hole -> absences.holes.add(new Window(hole.from(), hole.to())));
    absences.knownSince(history.olderSources());
    return absences;
  }

  /**
   * All is known from the first change on, save of sources that had others before: of each of them
   * from its own first one.
   */
  private void knownSince(Set<String> older) {
    Map<String, Instant> firsts = new LinkedHashMap<>();
    for (ConnectionChange change : changes) {
      if (older.isEmpty() || older.contains(change.source())) {
        firsts.putIfAbsent(older.isEmpty() ? "" : change.source(), change.time());
      }
    }
    known = firsts.values().stream().max(Comparator.naturalOrder()).orElse(Instant.MAX);
  }

  /**
   * A relay was there at this moment, which is before the starts that come after it. One that is
   * still to come would be the last sign of all for as long as it is.
   */
  void alive(Instant moment) {
    if (moment.isAfter(present)) {
      return;
    }
    Map.Entry<Instant, Instant> next = lastSigns.higherEntry(moment);
    // Behind the end of all times there is none: such a line is damaged.
    if (next != null && next.getValue().isBefore(moment)) {
      lastSigns.put(next.getKey(), moment);
    }
  }

  /**
   * The spans in which at least one source was not connected, in order and apart from each other.
   * What was before all that is remembered is one of them, all if nothing is, and every time of
   * which it could not be written down.
   *
   * @param until where the last of them ends
   * @param sources those that are to be there; another that does not come back is no more
   * @param running whether a relay runs
   */
  List<Window> until(Instant until, Set<String> sources, boolean running) {
    List<Window> away = new ArrayList<>();
    away.add(new Window(Instant.MIN, changes.isEmpty() ? until : known));
    away.addAll(holes);
    Map<String, Line> lines = new LinkedHashMap<>();
    for (ConnectionChange change : changes) {
      switch (change.what()) {
        case STARTED -> lines.values().forEach(line -> line.started(change.time()));
        case CONNECTED -> line(lines, change).connected(change.time(), away);
        case DISCONNECTED -> line(lines, change).disconnected(change.time());
      }
    }
    if (!running) {
      lines.values().forEach(line -> line.started(Instant.MAX));
    }
    lines.forEach((source, line) -> line.end(until, sources.contains(source), away));
    return apart(away);
  }

  private Line line(Map<String, Line> lines, ConnectionChange change) {
    return lines.computeIfAbsent(change.source(), source -> new Line());
  }

  /** What is known of one source. */
  private final class Line {

    /** When it came last. */
    private Instant came = Instant.MIN;

    /** Since when it is away; {@code null} while it is there. */
    private Instant since;

    /** The first start since it was heard of; {@code null} for none. */
    private Instant start;

    void connected(Instant now, List<Window> away) {
      if (since != null) {
        away.add(new Window(since, now));
      }
      came = now;
      since = null;
      start = null;
    }

    void disconnected(Instant now) {
      since = since == null ? now : since;
      start = null;
    }

    void started(Instant now) {
      if (since == null) {
        // After a clock was set back the last sign may be of before it came.
        Instant last = lastSigns.get(now);
        since = last.isAfter(came) || came.isAfter(present) ? last : came;
      }
      start = start == null ? now : start;
    }

    void end(Instant until, boolean wanted, List<Window> away) {
      if (since == null) {
        return;
      }
      if (wanted) {
        away.add(new Window(since, until));
      } else if (start != null && !start.equals(Instant.MAX)) {
        away.add(new Window(since, start));
      }
    }
  }

  private static List<Window> apart(List<Window> away) {
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
}
