package io.proofofplay.runner.ops;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.terminal.Counted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds in a view what is not as it should be. */
final class Troubles {

  /** So long nobody needs to look at a backlog that is being delivered. */
  static final Duration OLD = Duration.ofMinutes(15);

  /**
   * So long after the last time, what a player does wrong counts as going on. The rules for
   * Prometheus look back as far.
   */
  static final Duration GOES_ON = Duration.ofHours(1);

  /** Who reads an old number in the night must not think that it grows. */
  private static final String OVER = " It seems to be over.";

  private static final double NEARLY = 0.8;

  private final List<Trouble> found = new ArrayList<>();

  private Troubles() {}

  /** All that is wrong, the worst first. */
  static List<Trouble> of(View view) {
    Troubles troubles = new Troubles();
    if (view.stats().state() != RelayState.RUNNING) {
      troubles.add(
          Message.RELAY_NOT_RUNNING, "relay", "It is " + Words.of(view.stats().state()) + ".");
    }
    view.stats().sources().forEach(troubles::source);
    view.stats()
        .sinks()
        .forEach((name, sink) -> troubles.sink(name, sink, view.limits().getOrDefault(name, 0L)));
    if (view.tokenIsWeak()) {
      troubles.add(Message.TOKEN_WEAK, "ops", "It is short.");
    }
    view.orphans().forEach(name -> troubles.add(Message.SPOOL_UNCLAIMED, name, ""));
    if (view.stats().listenerFailures() > 0) {
      troubles.add(
          Message.LISTENER_THREW, "relay", times(view.stats().listenerFailures()) + " so far.");
    }
    troubles.found.sort(Comparator.comparing(Trouble::weight).thenComparing(Trouble::message));
    return List.copyOf(troubles.found);
  }

  private void add(Message message, String about, String detail) {
    found.add(new Trouble(message, message.weight(), about, detail));
  }

  /** What does not go on any more is still good to know: nothing brings those plays back. */
  private void add(Message message, boolean goesOn, String about, String detail) {
    Message.Weight weight = goesOn ? message.weight() : Message.Weight.NOTE;
    found.add(new Trouble(message, weight, about, detail));
  }

  private void source(String name, SourceStats source) {
    if (!source.connected()) {
      add(Message.PLAYER_AWAY, name, source.problem().orElse("It has not been seen yet."));
    }
    long refused = source.refused().values().stream().mapToLong(Long::longValue).sum();
    if (refused > 0) {
      String reasons =
          source.refused().keySet().stream()
              .sorted()
              .map(reason -> source.refused().get(reason) + " " + reason.text())
              .collect(Collectors.joining(", "));
      add(Message.LINES_REFUSED, isRefused(source), name, reasons + last(source.lastRefused()));
    }
    if (source.reusedIds() > 0) {
      Optional<Duration> last = source.lastReused();
      add(
          Message.UUIDS_REUSED,
          last.filter(Troubles::goesOn).isPresent(),
          name,
          Counted.of(source.reusedIds(), "event") + last.map(Troubles::last).orElse("."));
    }
  }

  /** A torn line is one that a player's end has cut off; there is nothing to correct. */
  private static boolean isRefused(SourceStats source) {
    return source.lastRefused().entrySet().stream()
        .anyMatch(last -> last.getKey() != Refusal.TORN && goesOn(last.getValue()));
  }

  private static boolean goesOn(Duration ago) {
    return ago.compareTo(GOES_ON) <= 0;
  }

  /** Of those that are to be corrected, if there are any. */
  private static String last(Map<Refusal, Duration> ago) {
    boolean all = ago.keySet().stream().allMatch(reason -> reason == Refusal.TORN);
    return ago.entrySet().stream()
        .filter(each -> all || each.getKey() != Refusal.TORN)
        .map(Map.Entry::getValue)
        .min(Comparator.naturalOrder())
        .map(Troubles::last)
        .orElse(".");
  }

  private static String last(Duration ago) {
    return "; the last one " + Words.of(ago) + " ago." + (goesOn(ago) ? "" : OVER);
  }

  private void sink(String name, SinkStats sink, long limit) {
    if (sink.imbalance() != 0) {
      add(Message.BOOKS_OFF, name, "They are off by " + sink.imbalance() + ".");
    }
    if (!sink.storing() || sink.state() == SinkState.STORAGE_TROUBLE) {
      add(Message.NOT_STORED, name, sink.storageTrouble().orElse(""));
    }
    if (sink.droppedInAll() > 0) {
      String reasons =
          sink.dropped().entrySet().stream()
              .sorted(Map.Entry.comparingByKey())
              .map(entry -> entry.getValue() + " " + why(entry.getKey()))
              .collect(Collectors.joining(", "));
      add(Message.EVENTS_DROPPED, name, reasons + ".");
    }
    if (sink.discardedDeadLetters() > 0) {
      add(
          Message.DEAD_LETTERS_LOST,
          name,
          Counted.of(sink.discardedDeadLetters(), "dead letter is gone", "dead letters are gone")
              + ".");
    }
    if (sink.problem().isPresent()) {
      add(outage(sink), name, sink.problem().get());
    } else if (sink.oldestWaiting().filter(age -> age.compareTo(OLD) > 0).isPresent()) {
      add(
          Message.BACKLOG_OLD,
          name,
          Counted.of(sink.waiting(), "event waits", "events wait") + ".");
    }
    if (sink.bugs() > 0) {
      add(Message.SINK_THREW, name, times(sink.bugs()) + " so far.");
    }
    if (limit > 0 && sink.spoolBytes() > NEARLY * limit) {
      add(
          Message.SPOOL_NEARLY_FULL,
          name,
          Math.round(100.0 * sink.spoolBytes() / limit) + " % are taken.");
    }
    if (sink.deadLetters() > 0) {
      add(
          Message.DEAD_LETTERS,
          name,
          Counted.of(sink.deadLetters(), "dead letter is kept", "dead letters are kept") + ".");
    }
  }

  /** For people who have not learned the codes; those stand in the ledger and the runbook. */
  private static String why(DropReason reason) {
    String words =
        switch (reason) {
          case FULL_BLOCKED -> "no room in the spool in time";
          case FULL_NEWEST, FULL_OLDEST -> "the spool was full";
          case TOO_OLD -> "waited longer than maxAge";
          case NO_SPACE -> "the disk did not take it";
          case DAMAGED -> "damaged on disk";
        };
    return reason.code() + " (" + words + ")";
  }

  /** By the last answer: the state passes through {@code SUBMITTING} at every attempt. */
  private static Message outage(SinkStats sink) {
    int status = sink.lastAnswer().map(Reason::status).orElse(0);
    if (sink.state() == SinkState.BRAKED) {
      return Message.REJECTS_EVERYTHING;
    }
    return switch (status) {
      case 0 -> sink.state() == SinkState.HELD ? Message.ADDRESS_WRONG : Message.UNREACHABLE;
      case 401, 403, 407 -> Message.CREDENTIALS_REFUSED;
      case 404, 405, 410, 421, 451 -> Message.ADDRESS_WRONG;
      case 408, 413, 425, 429 -> Message.ANSWERS_ERRORS;
      default ->
          switch (status / 100) {
            case 2, 3 -> Message.PORTAL_IN_THE_WAY;
            case 4 -> Message.REJECTS_EVERYTHING;
            default -> Message.ANSWERS_ERRORS;
          };
    };
  }

  private static String times(long count) {
    return count == 1 ? "Once" : count + " times";
  }
}
