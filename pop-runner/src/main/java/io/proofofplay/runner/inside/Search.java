package io.proofofplay.runner.inside;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Delivery;
import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.inside.Trace.Is;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolFileContent;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for one event in all that a relay keeps. First where it waits and last where it went, so
 * that one that is delivered in the meantime is found.
 *
 * <p>Not thread-safe.
 */
final class Search {

  private final Selection.Chosen chosen;
  private final HistoryView history;
  private final String uuid;
  private final Contents contents;
  private final List<Trace> traces = new ArrayList<>();
  private long unreadableLetters;
  private long unreadableRefusals;
  private long unreadableDrops;
  private boolean owned;
  private String ts = "";

  Search(
      Selection.Chosen chosen,
      HistoryView history,
      String uuid,
      Terminal remarks,
      TimeSource time) {
    this.chosen = chosen;
    this.history = history;
    this.uuid = uuid;
    this.contents = new Contents(chosen.view(), remarks, time);
  }

  /** All that is known, in the order in which things happen. */
  List<Trace> run() throws IOException {
    look();
    if (traces.isEmpty() && unread().isEmpty()) {
      // A dead letter that is just tried again goes the other way.
      look();
    }
    return traces;
  }

  /**
   * Where it may be all the same, in words: what could not be read, could not be written down, or
   * is in the memory of another process. Empty if what was not found is not there.
   */
  Optional<String> missing() {
    List<String> missing = new ArrayList<>();
    unread().ifPresent(files -> missing.add(files + " could not be read"));
    Holes.words(List.copyOf(history.deliveryHoles())).ifPresent(missing::add);
    if (owned && chosen.sinks().stream().anyMatch(this::mayBeInMemory)) {
      missing.add("a relay runs that keeps events in memory");
    }
    return missing.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", missing));
  }

  /** Whether a relay writes a sink's events down only when it cannot deliver them. */
  private boolean mayBeInMemory(String sink) {
    Delivery delivery = chosen.relay().sinks().get(sink);
    return delivery != null
        && delivery.spool().durability() == Durability.ON_FAILURE
        && traces.stream().noneMatch(trace -> trace.sink().equals(sink));
  }

  private Optional<String> unread() {
    List<String> missing = new ArrayList<>();
    if (!contents.isComplete()) {
      missing.add(Counted.of(contents.unreadable(), "file"));
    }
    if (unreadableLetters > 0) {
      missing.add(Counted.of(unreadableLetters, "line") + " of the dead letters");
    }
    if (!history.damaged().isEmpty()) {
      missing.add("parts of " + String.join(", ", history.damaged()));
    }
    if (unreadableRefusals > 0) {
      missing.add(Counted.of(unreadableRefusals, "line") + " of the refused lines");
    }
    if (unreadableDrops > 0) {
      missing.add(Counted.of(unreadableDrops, "line") + " of the drop ledgers");
    }
    return missing.isEmpty() ? Optional.empty() : Optional.of(String.join(" and ", missing));
  }

  /** When its playback began, as the player spelled it; empty if that is not known. */
  String ts() {
    return ts;
  }

  private void look() throws IOException {
    owned = chosen.view().isOwned();
    for (String sink : chosen.sinks()) {
      contents.of(sink, (file, content) -> waiting(sink, content));
    }
    for (String sink : chosen.sinks()) {
      letters(sink, false);
      letters(sink, true);
    }
    delivered();
    unreadableRefusals += chosen.view().refused(this::refused);
    for (String sink : chosen.sinks()) {
      boolean known = traces.stream().anyMatch(trace -> trace.sink().equals(sink));
      unreadableDrops += chosen.view().drops(sink, drop -> dropped(sink, drop, known));
    }
  }

  private void waiting(String sink, SpoolFileContent content) {
    for (PopEvent event : content.waiting()) {
      if (event.uuid().equals(uuid)) {
        seen(event);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("file", content.file().name());
        details.put("batch", content.batch());
        String words = "in " + content.file().name() + ", batch " + content.batch();
        traces.add(new Trace(Is.WAITING, sink, words, details));
      }
    }
  }

  private void seen(PopEvent event) {
    JsonNumber began = event.ts();
    ts = began == null ? ts : began.text();
  }

  private void letters(String sink, boolean discarded) throws IOException {
    unreadableLetters +=
        chosen
            .view()
            .letters(
                sink,
                discarded,
                letter -> {
                  if (letter.event().uuid().equals(uuid)) {
                    seen(letter.event());
                    Map<String, Object> details = new LinkedHashMap<>();
                    details.put("time", letter.time().toString());
                    details.put("batch", letter.batch().toString());
                    details.put("status", letter.reason().status());
                    details.put("reason", letter.reason().text());
                    details.put("answer", letter.reason().answer());
                    String answer = letter.reason().answer();
                    String words =
                        "since "
                            + letter.time()
                            + ", batch "
                            + letter.batch()
                            + ": "
                            + letter.reason().text()
                            + (answer.isBlank() ? "" : "; it said: " + answer.strip());
                    traces.add(new Trace(discarded ? Is.DISCARDED : Is.DEAD, sink, words, details));
                  }
                });
  }

  private void delivered() throws IOException {
    history.deliveriesOf(
        uuid,
        event -> {
          ts = event.ts().isEmpty() ? ts : event.ts();
          Map<String, Object> details = new LinkedHashMap<>();
          details.put("time", event.time().toString());
          details.put("batch", event.batch());
          details.put("status", event.status());
          details.put("tookMillis", event.took().toMillis());
          String words =
              event.time()
                  + ", batch "
                  + event.batch()
                  + ", answered "
                  + event.status()
                  + " in "
                  + event.took().toMillis()
                  + " ms";
          traces.add(new Trace(Is.DELIVERED, event.sink(), words, details));
        });
  }

  private void refused(Map<String, Object> line) {
    String start = String.valueOf(line.get("line"));
    if (!isNamedIn(start)) {
      return;
    }
    Map<String, Object> details = new LinkedHashMap<>();
    for (String name : List.of("time", "source", "reason", "line")) {
      details.put(name, String.valueOf(line.get(name)));
    }
    String words =
        "%s, a line of source %s: %s: %s"
            .formatted(line.get("time"), line.get("source"), line.get("reason"), start);
    traces.add(new Trace(Is.REJECTED, "", words, details));
  }

  /** Whether the uuid stands in a line as a word of its own, and not as a part of another. */
  private boolean isNamedIn(String line) {
    for (int at = line.indexOf(uuid); at >= 0; at = line.indexOf(uuid, at + 1)) {
      int end = at + uuid.length();
      if ((at == 0 || !isOfWord(line.charAt(at - 1)))
          && (end == line.length() || !isOfWord(line.charAt(end)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfWord(char c) {
    return Character.isLetterOrDigit(c) || c == '-' || c == '_';
  }

  /** The ledger names the first and the last of a run. Of those between it knows the number. */
  private void dropped(String sink, Map<String, Object> drop, boolean known) {
    long count = drop.get("count") instanceof JsonNumber number ? whole(number) : 0;
    boolean named = uuid.equals(drop.get("firstUuid")) || uuid.equals(drop.get("lastUuid"));
    boolean unnamed = drop.get("firstUuid") == null || count > 2;
    if (!named && (known || !unnamed || !mayBeBetween(drop))) {
      return;
    }
    Map<String, Object> details = new LinkedHashMap<>();
    for (String name : List.of("time", "reason", "firstUuid", "lastUuid")) {
      details.put(name, drop.get(name) instanceof String text ? text : "");
    }
    details.put("count", count);
    String run =
        "%s, %s, a run of %s"
            .formatted(drop.get("time"), drop.get("reason"), Counted.of(count, "event"));
    String words =
        named
            ? run
            : run + " of which the ledger does not name every one; this one may be among them";
    traces.add(new Trace(named ? Is.DROPPED : Is.PERHAPS_DROPPED, sink, words, details));
  }

  private static long whole(JsonNumber number) {
    try {
      return Long.parseLong(number.text());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Whether its time, as far as known, lies between those of the first and the last of a run. */
  private boolean mayBeBetween(Map<String, Object> drop) {
    Optional<BigDecimal> at = Window.seconds(ts);
    Optional<BigDecimal> one = seconds(drop.get("firstTs"));
    Optional<BigDecimal> other = seconds(drop.get("lastTs"));
    if (at.isEmpty() || one.isEmpty() || other.isEmpty()) {
      return true;
    }
    return at.get().compareTo(one.get().min(other.get())) >= 0
        && at.get().compareTo(one.get().max(other.get())) <= 0;
  }

  private static Optional<BigDecimal> seconds(Object ts) {
    return ts instanceof JsonNumber number ? Window.seconds(number.text()) : Optional.empty();
  }
}
