package io.proofofplay.runner.ops;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Views for tests, and their parts. */
final class Views {

  static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private Views() {}

  /** A player that is there; what of it was refused was so two minutes ago. */
  static SourceStats connected(String sender, long accepted, Map<Refusal, Long> refused) {
    return connected(sender, accepted, refused, Duration.ofMinutes(2));
  }

  /** A player that is there, with the time since the last line of each reason was refused. */
  static SourceStats connected(
      String sender, long accepted, Map<Refusal, Long> refused, Duration ago) {
    return connected(
        sender,
        accepted,
        refused,
        refused.keySet().stream().collect(Collectors.toMap(reason -> reason, reason -> ago)));
  }

  /** A player that is there, with the time since the last line of each reason was refused. */
  static SourceStats connected(
      String sender, long accepted, Map<Refusal, Long> refused, Map<Refusal, Duration> last) {
    return new SourceStats(
        true,
        Optional.of(sender),
        Optional.empty(),
        NOON.minusSeconds(93_600),
        2,
        accepted,
        0,
        refused,
        last,
        0,
        0,
        Optional.empty());
  }

  /** A player that is there and gives uuids again, and did so last such a time ago. */
  static SourceStats reusing(long events, Duration ago) {
    return new SourceStats(
        true,
        Optional.of("player"),
        Optional.empty(),
        NOON.minusSeconds(93_600),
        2,
        81_234,
        0,
        Map.of(),
        Map.of(),
        0,
        events,
        Optional.of(ago));
  }

  /** A player that is not there. */
  static SourceStats away(String problem) {
    return new SourceStats(
        false,
        Optional.empty(),
        Optional.of(problem),
        NOON.minusSeconds(300),
        0,
        0,
        0,
        Map.of(),
        Map.of(),
        0,
        0,
        Optional.empty());
  }

  /** A sink; what is not named is as in a quiet hour. Changed by its {@code with} methods. */
  static Sink sink() {
    return new Sink();
  }

  /** Builds the stats of a sink whose books balance. */
  static final class Sink {
    private SinkState state = SinkState.IDLE;
    private Optional<String> problem = Optional.empty();
    private boolean storing = true;
    private long waiting;
    private Optional<Duration> oldest = Optional.empty();
    private long dead;
    private long letters;
    private long lostLetters;
    private Map<DropReason, Long> dropped = Map.of();
    private long spoolBytes;
    private Optional<Reason> answer =
        Optional.of(new Reason("https://example.org/pop answered 200", 200, ""));
    private long bugs;
    private long imbalance;

    Sink state(SinkState other) {
      state = other;
      return this;
    }

    Sink problem(String text, int status) {
      problem = Optional.of(text);
      answer = Optional.of(new Reason(text, status, ""));
      return this;
    }

    Sink notStoring() {
      storing = false;
      return this;
    }

    Sink waiting(long events, Duration age) {
      waiting = events;
      oldest = Optional.of(age);
      spoolBytes = events * 400;
      return this;
    }

    Sink spoolBytes(long bytes) {
      spoolBytes = bytes;
      return this;
    }

    Sink letters(long kept) {
      letters = kept;
      return this;
    }

    Sink lostLetters(long gone) {
      lostLetters = gone;
      return this;
    }

    Sink dead(long events) {
      dead = events;
      return this;
    }

    Sink dropped(DropReason reason, long events) {
      dropped = Map.of(reason, events);
      return this;
    }

    Sink bugs(long count) {
      bugs = count;
      return this;
    }

    Sink imbalance(long off) {
      imbalance = off;
      return this;
    }

    SinkStats stats() {
      long gone = dropped.values().stream().mapToLong(Long::longValue).sum();
      return new SinkStats(
          state,
          problem,
          storing ? Optional.empty() : Optional.of("the disk has no room for new events"),
          12,
          81_234,
          81_246 - waiting - dead - gone,
          waiting,
          dead,
          dropped,
          oldest,
          spoolBytes,
          Map.of("delivered", 180L, "later", 37L),
          answer,
          Optional.of(NOON.minusSeconds(4)),
          Optional.of(NOON.minusSeconds(5_460)),
          bugs,
          0,
          letters,
          lostLetters,
          0,
          imbalance);
    }
  }

  /** A view of a relay that runs. */
  static View of(Map<String, SourceStats> sources, Map<String, SinkStats> sinks) {
    return of(new RelayStats(RelayState.RUNNING, sources, sinks, 0, 0), new TreeSet<>());
  }

  static View of(RelayStats stats, SortedSet<String> orphans) {
    Map<String, Long> limits = new LinkedHashMap<>();
    stats.sinks().keySet().forEach(name -> limits.put(name, 256L << 20));
    return new View(
        "1.2.3", NOON, Duration.ofHours(26), stats, limits, orphans, List.of(), Map.of(), false, 0);
  }

  /** The same, with a token that can be guessed. */
  static View withWeakToken(View view) {
    return new View(
        view.version(),
        view.now(),
        view.uptime(),
        view.stats(),
        view.limits(),
        view.orphans(),
        view.plays(),
        view.answers(),
        true,
        0);
  }
}
