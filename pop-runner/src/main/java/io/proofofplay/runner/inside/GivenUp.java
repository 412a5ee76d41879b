package io.proofofplay.runner.inside;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * When that was played which the relay gave up, as far as the ledgers of the sinks say. They know
 * of each run how many events it had, and the {@code ts} of the first and of the last.
 *
 * <p>Not thread-safe.
 */
final class GivenUp {

  /** Nobody knows how long the last one lasted; its {@code ts} is cut to whole seconds here. */
  private static final Duration LAST = Duration.ofSeconds(1);

  /**
   * One line of a ledger.
   *
   * @param time when it was given up
   * @param plays when the first and the last of it were played, as far as that is known
   */
  private record Run(Instant time, long count, List<Instant> plays) {

    boolean isDated() {
      return plays.size() == 2;
    }
  }

  private final List<Run> runs = new ArrayList<>();

  /** The last play that was delivered before each run without a date, by the time of that. */
  private final TreeMap<Instant, Optional<Instant>> before = new TreeMap<>();

  private long unreadable;

  /**
   * Takes in the ledger of a sink.
   *
   * @throws IOException if it is there and cannot be read
   */
  void read(SpoolView view, String sink) throws IOException {
    long noJson = view.drops(sink, this::add);
    unreadable += noJson;
  }

  private void add(Map<String, Object> drop) {
    try {
      Instant time = Instant.parse(String.valueOf(drop.get("time")));
      long count =
          drop.get("count") instanceof JsonNumber number ? Long.parseLong(number.text()) : 1;
      Run run =
          new Run(
              time,
              count,
              Stream.of("firstTs", "lastTs")
                  .flatMap(name -> moment(drop.get(name)).stream())
                  .sorted()
                  .toList());
      runs.add(run);
      if (!run.isDated()) {
        before.put(time, Optional.empty());
      }
    } catch (DateTimeException | NumberFormatException e) {
      unreadable++;
    }
  }

  private static Optional<Instant> moment(Object ts) {
    return ts instanceof JsonNumber number ? Window.moment(number.text()) : Optional.empty();
  }

  /** An event was delivered at a time; what is told later was delivered later. */
  void delivered(Instant time, Instant began) {
    Instant next = before.ceilingKey(time);
    if (next != null) {
      before.put(next, Optional.of(began));
    }
  }

  /** How many lines of the ledgers could not be read. */
  long unreadable() {
    return unreadable;
  }

  /** The spans in which it may have been played. */
  List<Window> windows() {
    return runs.stream().map(this::window).toList();
  }

  /** How many events may have been played in a window. */
  long in(Window window) {
    return runs.stream()
        .filter(
            run -> {
              Window span = window(run);
              return span.from().isBefore(window.to()) && !span.to().isBefore(window.from());
            })
        .mapToLong(Run::count)
        .sum();
  }

  /** What is given up was played after what was delivered before it, and before it was given up. */
  private Window window(Run run) {
    List<Instant> bounds = new ArrayList<>(run.plays());
    run.plays().forEach(play -> bounds.add(play.plus(LAST)));
    if (!run.isDated()) {
      bounds.add(run.time());
      bounds.add(
          before.headMap(run.time(), true).descendingMap().values().stream()
              .flatMap(Optional::stream)
              .findFirst()
              .orElse(Instant.MIN));
    }
    return new Window(Collections.min(bounds), Collections.max(bounds));
  }
}
