package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.history.Hole;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pop audit}: what was delivered, to compare with what the backend has. */
@Command(
    name = "audit",
    description = {
      "Counts what was delivered by device, asset and hour of play, each uuid once, with a digest"
          + " for each hour that the backend can compute from its own events; docs/audit.md says"
          + " how.",
      "It knows what the setting history remembers.",
      "Ends with 0 if all of that could be read, 1 if a file of it is damaged, or if a delivery"
          + " could not be written down."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class AuditCommand implements Callable<Integer> {

  @Mixin private Selection selection;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      description = "The first moment of play, such as 2026-03-01T00:00:00Z.")
  private Instant from;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "TIME",
      description = "The moment behind the last.")
  private Instant to;

  @Option(names = "--format", paramLabel = "FORMAT", description = "table (default), csv or json.")
  private String format = "table";

  private final Terminal terminal;
  private final Terminal remarks;
  private final TimeSource time;

  /** The command as the program has it. */
  public AuditCommand() {
    this(Terminal.standardOutput(), Terminal.standardError(), TimeSource.system());
  }

  AuditCommand(Terminal terminal, Terminal remarks, TimeSource time) {
    this.time = time;
    this.terminal = terminal;
    this.remarks = remarks;
  }

  @Override
  public Integer call() throws Exception {
    if (!from.isBefore(to)) {
      throw selection.wrong("--from " + from + " is not before --to " + to);
    }
    Selection.Chosen chosen = selection.choose();
    HistoryProgress progress = new HistoryProgress(remarks, time);
    HistoryView history = new HistoryView(chosen.directory(), progress);
    Reading reading = read(history, chosen, progress);
    if (!reading.isSettled()) {
      // The oldest file made room for newer events in between: some readings had it, some had not.
      reading = read(history, chosen, progress);
    }
    List<HourlyCounts> hours = reading.hours();
    List<Hole> holes = Holes.since(from, history);
    boolean whole = reading.isSettled() && history.damaged().isEmpty() && holes.isEmpty();
    boolean isForgotten = history.forgottenBefore().filter(from::isBefore).isPresent();
    switch (selection.isJson() ? "json" : format) {
      case "table" -> table(hours);
      case "csv" -> csv(hours);
      case "json" -> terminal.line(json(hours, whole && !isForgotten));
      default -> throw selection.wrong("--format " + format + " is none of table, csv, json");
    }
    // Whoever compares must know that what is missing here may be there.
    reading
        .after()
        .filter(from::isBefore)
        .ifPresent(
            first ->
                remarks.line(
                    "pop audit: what was delivered before " + first + " is not remembered"));
    if (!reading.isSettled()) {
      remarks.line(
          "pop audit: older deliveries made room for newer ones while they were counted, twice;"
              + " what was delivered first may be counted in part. Try again");
    }
    if (!history.damaged().isEmpty()) {
      remarks.line(
          "pop audit: parts of "
              + String.join(", ", history.damaged())
              + " cannot be read; what was delivered by them is not counted");
    }
    Holes.words(holes)
        .ifPresent(
            words ->
                remarks.line(
                    "pop audit: " + words + "; what was delivered by them is not counted"));
    return whole ? ExitCode.DONE : ExitCode.FOUND;
  }

  /**
   * What was counted.
   *
   * @param before when the first delivery was that was remembered before it was counted
   * @param after and when it was done
   */
  private record Reading(
      Optional<Instant> before, List<HourlyCounts> hours, Optional<Instant> after) {

    boolean isSettled() {
      return before.isEmpty() || before.equals(after);
    }
  }

  private Reading read(HistoryView history, Selection.Chosen chosen, HistoryProgress progress)
      throws IOException {
    Optional<Instant> before = history.since();
    List<HourlyCounts> hours =
        HourlyCounts.of(
            history, Set.copyOf(chosen.sinks()), new Window(from, to), progress::expect);
    return new Reading(before, hours, history.since());
  }

  private void table(List<HourlyCounts> hours) {
    for (HourlyCounts hour : hours) {
      terminal.line(
          terminal.heading(hour.sink() + " " + hour.hour())
              + ": "
              + Counted.of(hour.plays(), "play")
              + ", digest "
              + hour.digest());
      hour.counts()
          .forEach(
              (device, assets) ->
                  assets.forEach(
                      (asset, plays) ->
                          terminal.line(
                              String.format(
                                  Locale.ROOT,
                                  "  device %-12s asset %-24s %7d",
                                  known(device),
                                  known(asset),
                                  plays))));
    }
    if (hours.isEmpty()) {
      terminal.line("nothing is remembered of this time");
    }
  }

  private static String known(String name) {
    return name.isEmpty() ? "(unknown)" : name;
  }

  /** One row for each count, and behind those of an hour one without device for the digest. */
  private void csv(List<HourlyCounts> hours) {
    terminal.line("sink,hour,device,asset,plays,digest");
    for (HourlyCounts hour : hours) {
      String start = hour.sink() + "," + hour.hour() + ",";
      hour.counts()
          .forEach(
              (device, assets) ->
                  assets.forEach(
                      (asset, plays) ->
                          terminal.line(
                              start
                                  + CsvField.of(device)
                                  + ","
                                  + CsvField.of(asset)
                                  + ","
                                  + plays
                                  + ",")));
      terminal.line(start + ",," + hour.plays() + "," + hour.digest());
    }
  }

  private String json(List<HourlyCounts> hours, boolean complete) throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("from", from.toString());
          out.writeStringField("to", to.toString());
          out.writeBooleanField("complete", complete);
          out.writeArrayFieldStart("hours");
          for (HourlyCounts hour : hours) {
            out.writeStartObject();
            out.writeStringField("sink", hour.sink());
            out.writeStringField("hour", hour.hour().toString());
            out.writeNumberField("plays", hour.plays());
            out.writeStringField("digest", hour.digest());
            out.writeArrayFieldStart("counts");
            for (Map.Entry<String, SortedMap<String, Long>> device : hour.counts().entrySet()) {
              for (Map.Entry<String, Long> asset : device.getValue().entrySet()) {
                out.writeStartObject();
                out.writeStringField("device", device.getKey());
                out.writeStringField("asset", asset.getKey());
                out.writeNumberField("plays", asset.getValue());
                out.writeEndObject();
              }
            }
            out.writeEndArray();
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
