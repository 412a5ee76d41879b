package io.proofofplay.runner.inside;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What one device did in a window, without a hole.
 *
 * <p>Not thread-safe.
 */
final class TimeLine {

  /** What a span of time is known to be. */
  enum What {
    /** It played, and that was delivered. */
    PLAYED,
    /** It played, and that is on the device alone. */
    NOT_DELIVERED,
    /** It did not play, or said nothing, while the relay was connected. */
    SILENT,
    /** The relay was connected, and what it had then is not remembered, or was given up. */
    NOT_KNOWN,
    /** The relay was not connected or did not run, and cannot know. */
    NOT_CONNECTED
  }

  /** A span of one kind. */
  record Span(Instant from, Instant to, What what) {

    Duration length() {
      return Duration.between(from, to);
    }
  }

  /**
   * So many plays are kept as they are before those that follow each other become one. There may be
   * a thousand devices, with this for each.
   */
  private static final int LOOSE = 256;

  private static final Comparator<Span> IN_TIME =
      Comparator.comparing(Span::from).thenComparing(Span::to);

  private final Window window;
  private final Duration tolerance;
  private final Plays played;
  private final Plays notDelivered;

  /**
   * An empty line.
   *
   * @param tolerance a shorter pause between two plays is none
   */
  TimeLine(Window window, Duration tolerance) {
    this.window = window;
    this.tolerance = tolerance;
    played = new Plays(tolerance);
    notDelivered = new Plays(tolerance);
  }

  void add(Instant began, Duration lasted, What what) {
    (what == What.NOT_DELIVERED ? notDelivered : played)
        .add(new Span(began, began.plus(lasted), what));
  }

  /** How many spans are kept for now. */
  int kept() {
    return played.spans.size() + notDelivered.spans.size();
  }

  /** The plays of one kind. */
  private static final class Plays {
    private final Duration tolerance;
    private List<Span> spans = new ArrayList<>();
    private int enough = LOOSE;

    Plays(Duration tolerance) {
      this.tolerance = tolerance;
    }

    void add(Span play) {
      spans.add(play);
      if (spans.size() >= enough) {
        // A month has more than fit into memory.
        spans = joined(tolerance);
        enough = Math.max(LOOSE, 2 * spans.size());
      }
    }

    /** In order and apart: those with a pause between them that is no longer are one. */
    List<Span> joined(Duration pause) {
      spans.sort(IN_TIME);
      List<Span> joined = new ArrayList<>();
      for (Span next : spans) {
        Span last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
        if (last != null && Duration.between(last.to(), next.from()).compareTo(pause) <= 0) {
          joined.set(
              joined.size() - 1, new Span(last.from(), later(last.to(), next.to()), last.what()));
        } else {
          joined.add(next);
        }
      }
      return joined;
    }
  }

  /**
   * All plays in order and without an overlap. A screen has several zones, and backends of several
   * sinks take what they want: where one play was not delivered, another one does not hide it.
   */
  private List<Span> plays() {
    List<Span> first = notDelivered.joined(Duration.ZERO);
    List<Span> plays = new ArrayList<>(first);
    int next = 0;
    for (Span play : played.joined(Duration.ZERO)) {
      while (next < first.size() && first.get(next).to().isBefore(play.from())) {
        next++;
      }
      Instant at = play.from();
      boolean hidden = false;
      for (int i = next; i < first.size() && !first.get(i).from().isAfter(play.to()); i++) {
        Span over = first.get(i);
        hidden |= over.from().equals(at) || (over.from().isBefore(at) && over.to().isAfter(at));
        if (over.from().isAfter(at)) {
          plays.add(new Span(at, over.from(), play.what()));
        }
        at = later(at, over.to());
      }
      // Of a moment nothing is left if another play is there.
      if (play.to().isAfter(at) || (play.to().equals(play.from()) && !hidden)) {
        plays.add(new Span(at, play.to(), play.what()));
      }
    }
    plays.sort(IN_TIME);
    return plays;
  }

  /**
   * The whole window in order.
   *
   * @param away when the relay was not connected, in order and apart
   * @param unknown of when it is not known what was delivered, in order
   */
  List<Span> spans(List<Window> away, List<Window> unknown) {
    List<Span> line = new ArrayList<>();
    Instant at = window.from();
    for (Span play : plays()) {
      Instant from = later(at, play.from());
      Instant to = earlier(play.to(), window.to());
      // What ends before the window adds nothing; a moment at its beginning is seen.
      boolean moment = play.to().equals(play.from()) && from.equals(play.from());
      if (!to.isAfter(from) && !(moment && window.holds(from))) {
        continue;
      }
      if (line.isEmpty() || Duration.between(at, from).compareTo(tolerance) > 0) {
        quiet(line, at, from, away, unknown);
        add(line, new Span(from, to, play.what()));
      } else {
        add(line, new Span(at, to, play.what()));
      }
      at = later(at, to);
    }
    if (Duration.between(at, window.to()).compareTo(tolerance) > 0) {
      quiet(line, at, window.to(), away, unknown);
    }
    return line;
  }

  private static void quiet(
      List<Span> line, Instant from, Instant to, List<Window> away, List<Window> unknown) {
    Instant at = from;
    for (Window one : away) {
      Instant begin = later(at, one.from());
      Instant end = earlier(to, one.to());
      if (end.isAfter(begin)) {
        silent(line, at, begin, unknown);
        add(line, new Span(begin, end, What.NOT_CONNECTED));
        at = end;
      }
    }
    silent(line, at, to, unknown);
  }

  private static void silent(List<Span> line, Instant from, Instant to, List<Window> unknown) {
    Instant at = from;
    for (Window one : unknown) {
      Instant begin = later(at, one.from());
      Instant end = earlier(to, one.to());
      if (end.isAfter(begin)) {
        add(line, new Span(at, begin, What.SILENT));
        add(line, new Span(begin, end, What.NOT_KNOWN));
        at = end;
      }
    }
    add(line, new Span(at, to, What.SILENT));
  }

  /** A play may have no length that is known; what lies between plays has one. */
  private static void add(List<Span> line, Span next) {
    boolean isPlay = next.what() == What.PLAYED || next.what() == What.NOT_DELIVERED;
    if (!isPlay && !next.to().isAfter(next.from())) {
      return;
    }
    Span last = line.isEmpty() ? null : line.get(line.size() - 1);
    if (last != null && last.what() == next.what() && !last.to().isBefore(next.from())) {
      line.set(line.size() - 1, new Span(last.from(), next.to(), last.what()));
    } else {
      line.add(next);
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
