package io.proofofplay.runner.ops;

import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.terminal.Counted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds in a view what is not as it should be. */
final class Troubles {

  /** So long nobody needs to look at a backlog that is being delivered. */
  static final Duration OLD = Duration.ofMinutes(15);

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
    troubles.found.sort(Comparator.comparing(Trouble::message));
    return List.copyOf(troubles.found);
  }

  private void add(Message message, String about, String detail) {
    found.add(new Trouble(message, about, detail));
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
      add(Message.LINES_REFUSED, name, reasons + ".");
    }
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
              .map(entry -> entry.getValue() + " " + entry.getKey().code())
              .collect(Collectors.joining(", "));
      add(Message.EVENTS_DROPPED, name, reasons + ".");
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
