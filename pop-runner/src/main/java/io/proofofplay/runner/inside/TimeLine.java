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
    /** The relay was connected, and what was delivered then is not remembered any more. */
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

  /** So many plays are kept as they are before those that follow each other become one. */
  private static final int LOOSE = 4096;

  private final Window window;
  private final Duration tolerance;
  private List<Span> plays = new ArrayList<>();
  private int enough = LOOSE;

  /**
   * An empty line.
   *
   * @param tolerance a shorter pause between two plays is none
   */
  TimeLine(Window window, Duration tolerance) {
    this.window = window;
    this.tolerance = tolerance;
  }

  void add(Instant began, Duration lasted, What what) {
    plays.add(new Span(began, began.plus(lasted), what));
    if (plays.size() >= enough) {
      join();
      enough = Math.max(LOOSE, 2 * plays.size());
    }
  }

  /** How many spans are kept for now. */
  int kept() {
    return plays.size();
  }

  /** Makes one of plays of one kind that follow each other: a month has more than fit in memory. */
  private void join() {
    plays.sort(Comparator.comparing(Span::from));
    List<Span> joined = new ArrayList<>();
    for (Span next : plays) {
      Span last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null
          && last.what() == next.what()
          && Duration.between(last.to(), next.from()).compareTo(tolerance) <= 0) {
        joined.set(
            joined.size() - 1, new Span(last.from(), later(last.to(), next.to()), last.what()));
      } else {
        joined.add(next);
      }
    }
    plays = joined;
  }

  /**
   * The whole window in order.
   *
   * @param away when the relay was not connected
   * @param known since when all is remembered that was delivered
   */
  List<Span> spans(List<Window> away, Instant known) {
    plays.sort(Comparator.comparing(Span::from));
    List<Span> line = new ArrayList<>();
    Instant at = window.from();
    for (Span play : plays) {
      Instant from = later(at, play.from());
      Instant to = earlier(play.to(), window.to());
      // What ends within the one before it adds nothing; a moment behind it is seen all the same.
      boolean moment = play.to().equals(play.from()) && from.equals(play.from());
      if (!to.isAfter(from) && !(moment && window.holds(from))) {
        continue;
      }
      if (line.isEmpty() || Duration.between(at, from).compareTo(tolerance) > 0) {
        quiet(line, at, from, away, known);
        add(line, new Span(from, to, play.what()));
      } else {
        add(line, new Span(at, to, play.what()));
      }
      at = later(at, to);
    }
    if (Duration.between(at, window.to()).compareTo(tolerance) > 0) {
      quiet(line, at, window.to(), away, known);
    }
    return line;
  }

  private static void quiet(
      List<Span> line, Instant from, Instant to, List<Window> away, Instant known) {
    Instant at = from;
    for (Window one : away) {
      Instant begin = later(at, one.from());
      Instant end = earlier(to, one.to());
      if (end.isAfter(begin)) {
        silent(line, at, begin, known);
        add(line, new Span(begin, end, What.NOT_CONNECTED));
        at = end;
      }
    }
    silent(line, at, to, known);
  }

  private static void silent(List<Span> line, Instant from, Instant to, Instant known) {
    add(line, new Span(from, earlier(to, known), What.NOT_KNOWN));
    add(line, new Span(later(from, known), to, What.SILENT));
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
