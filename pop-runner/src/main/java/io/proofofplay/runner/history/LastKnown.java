package io.proofofplay.runner.history;

import io.proofofplay.runner.history.ConnectionChange.What;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The changes that still say how each source is: when it came last, what ended that, and what it
 * has been since. A source that came once and stays has one line for ever, which must outlive the
 * file that it was written to.
 *
 * <p>Not thread-safe.
 */
final class LastKnown {

  /** A change, and in which place it came: clocks are set back. */
  private record Heard(long place, ConnectionChange change) {

    boolean isStart() {
      return change.what() == What.STARTED;
    }
  }

  private final Map<String, Course> sources = new LinkedHashMap<>();

  /** The last start, for as long as nobody knows of it; {@code null} for none. */
  private Heard unsaid;

  private long places;

  /** Takes a change in. */
  void heard(ConnectionChange change) {
    Heard now = new Heard(places++, change);
    switch (change.what()) {
      case STARTED -> {
        unsaid = now;
        sources.values().forEach(source -> source.started(now));
      }
      case CONNECTED -> sources.put(change.source(), new Course(now));
      case DISCONNECTED ->
          sources.computeIfAbsent(change.source(), source -> new Course(null)).gone(now);
    }
  }

  /**
   * The last start is written down, so that it need not be said any more unless it says how a
   * source is. Until then it is: a source that has come again since would hide that it was away.
   */
  void startIsSaid() {
    unsaid = null;
  }

  /** The changes in the order in which they came. Heard again, they come to the same. */
  List<ConnectionChange> changes() {
    return changes(Integer.MAX_VALUE);
  }

  /**
   * The lines of those changes for which there is room: first comes a start that is not said yet,
   * then the sources that are there, and then those that ended last.
   */
  HistoryLine lines(int mostBytes) {
    HistoryLine lines = new HistoryLine();
    changes(mostBytes).forEach(change -> write(lines, change));
    return lines;
  }

  private List<ConnectionChange> changes(int mostBytes) {
    List<Course> courses = new ArrayList<>(sources.values());
    courses.sort(Comparator.comparing(Course::isThere).thenComparing(Course::last).reversed());
    SortedMap<Long, ConnectionChange> chosen = new TreeMap<>();
    int bytes = 0;
    if (unsaid != null) {
      bytes += room(List.of(unsaid));
      chosen.put(unsaid.place(), unsaid.change());
    }
    for (Course course : courses) {
      bytes += room(course.all());
      if (bytes > mostBytes) {
        break;
      }
      course.all().forEach(heard -> chosen.put(heard.place(), heard.change()));
    }
    return List.copyOf(chosen.values());
  }

  private static int room(List<Heard> all) {
    HistoryLine lines = new HistoryLine();
    all.forEach(heard -> write(lines, heard.change()));
    return lines.length();
  }

  /** Adds the line of one change. */
  static void write(HistoryLine lines, ConnectionChange change) {
    String time = change.time().toString();
    switch (change.what()) {
      case STARTED -> lines.add("S", time);
      case CONNECTED -> lines.add("C", time, change.source(), change.words());
      case DISCONNECTED -> lines.add("D", time, change.source(), change.words());
    }
  }

  /** What of one source's changes still says something. */
  private static final class Course {

    /** When it came last; {@code null} if it was never there. */
    private final Heard came;

    /** What ended that: its going, or the start behind a kill; {@code null} while it is there. */
    private Heard ended;

    /** That it was still not there after a start; {@code null} if nothing was heard. */
    private Heard gone;

    /** The first start since it was heard of, if that did not end it; {@code null} for none. */
    private Heard start;

    Course(Heard came) {
      this.came = came;
    }

    void gone(Heard now) {
      if (ended == null) {
        ended = now;
      } else if (start != null || ended.isStart()) {
        gone = now;
        start = null;
      }
    }

    void started(Heard now) {
      if (ended == null) {
        ended = now;
      } else if (start == null && (gone != null || !ended.isStart())) {
        start = now;
      }
    }

    boolean isThere() {
      return ended == null;
    }

    long last() {
      return all().get(all().size() - 1).place();
    }

    List<Heard> all() {
      List<Heard> all = new ArrayList<>();
      for (Heard one : new Heard[] {came, ended, gone, start}) {
        if (one != null) {
          all.add(one);
        }
      }
      return all;
    }
  }
}
