package io.proofofplay.runner.inside;

import io.proofofplay.core.model.Play;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.history.Hole;
import io.proofofplay.runner.inside.TimeLine.What;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pop gaps}: the time line of each device. */
@Command(
    name = "gaps",
    description = {
      "Prints for each device what it did, by the events' own ts and duration: played, not"
          + " delivered, silent, that this is not remembered or was given up, or that the relay was"
          + " not connected or did not run.",
      "With several sources it is not known which device is behind which: not connected means that"
          + " at least one was not.",
      "Ends with 0 if all could be read, 1 if a file of the spool or of the history, a dead letter"
          + " or a line of a drop ledger could not, if a delivery could not be written down, or if"
          + " something was given up."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class GapsCommand implements Callable<Integer> {

  private static final Duration DAY = Duration.ofDays(1);

  @Mixin private Selection selection;

  @Option(names = "--device", paramLabel = "ID", description = "One device; without it all.")
  private String device;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Where to begin, such as 2026-03-01T00:00:00Z; without it a day before the end.")
  private Instant from;

  @Option(names = "--to", paramLabel = "TIME", description = "Where to end; without it now.")
  private Instant to;

  @Option(
      names = "--tolerance",
      paramLabel = "SECONDS",
      description = "A shorter pause between two plays is none (default: ${DEFAULT-VALUE}).")
  private long tolerance = 5;

  private final Terminal terminal;
  private final Terminal remarks;
  private final TimeSource time;

  /** The command as the program has it. */
  public GapsCommand() {
    this(Terminal.standardOutput(), Terminal.standardError(), TimeSource.system());
  }

  GapsCommand(Terminal terminal, Terminal remarks, TimeSource time) {
    this.terminal = terminal;
    this.remarks = remarks;
    this.time = time;
  }

  @Override
  public Integer call() throws Exception {
    Instant end = to == null ? time.now().truncatedTo(ChronoUnit.SECONDS) : to;
    if (tolerance < 0) {
      throw selection.wrong("--tolerance " + tolerance + " is not a span; write 0 or more seconds");
    }
    Window window = new Window(from == null ? dayBefore(end) : from, end);
    if (!window.from().isBefore(end)) {
      throw selection.wrong("--from " + window.from() + " is not before --to " + end);
    }
    Selection.Chosen chosen = selection.choose();
    HistoryView history = new HistoryView(chosen.directory(), new HistoryProgress(remarks, time));
    Map<String, TimeLine> devices = new TreeMap<>();
    Absences absences = Absences.in(history, time.now());
    // First what waits: what is delivered in the meantime is then seen twice, and not missed.
    Contents contents = new Contents(chosen.view(), remarks, time);
    for (String sink : chosen.sinks()) {
      waiting(contents, sink, window, devices, absences);
    }
    long unreadable = 0;
    for (String sink : chosen.sinks()) {
      unreadable += letters(chosen, sink, window, devices, absences);
    }
    GivenUp givenUp = new GivenUp();
    for (String sink : chosen.sinks()) {
      givenUp.read(chosen.view(), sink);
    }
    List<Window> unknown = new ArrayList<>();
    AtomicReference<Instant> lastPlay = new AtomicReference<>(Instant.MIN);
    history.deliveries(
        event -> {
          absences.alive(event.time());
          Optional<Instant> began = Window.moment(event.ts());
          if (began.isPresent() && chosen.sinks().contains(event.sink())) {
            Duration lasted =
                Window.seconds(event.duration())
                    .map(seconds -> Duration.ofMillis(seconds.movePointRight(3).longValue()))
                    .orElse(Duration.ZERO);
            add(devices, event.device(), window, began.get(), lasted, What.PLAYED);
            lastPlay.set(began.get());
            givenUp.delivered(event.time(), began.get());
          }
        },
        // What was delivered then was played after what was delivered before it.
        hole ->
            unknown.add(
                new Window(
                    hole.from().isBefore(lastPlay.get()) ? hole.from() : lastPlay.get(),
                    hole.to())));
    List<Window> away = absences.until(end, chosen.relay().sources(), chosen.view().isOwned());
    // Behind the reading: what made room meanwhile may not have been read.
    Optional<Instant> forgotten = history.forgottenBefore();
    forgotten.ifPresent(known -> unknown.add(new Window(Instant.MIN, known)));
    unknown.addAll(givenUp.windows());
    unknown.sort(Comparator.comparing(Window::from));
    List<Hole> holes = Holes.since(window.from(), history);
    boolean complete =
        contents.isComplete()
            && unreadable == 0
            && givenUp.unreadable() == 0
            && givenUp.in(window) == 0
            && history.damaged().isEmpty()
            && holes.isEmpty();
    if (selection.isJson()) {
      terminal.line(json(window, devices, away, unknown, complete));
    } else {
      devices.forEach((id, line) -> print(id, line.spans(away, unknown)));
      if (devices.isEmpty()) {
        terminal.line("nothing is known of any device in this time");
      }
    }
    if (unreadable > 0) {
      remarks.line(
          "pop gaps: "
              + Counted.of(unreadable, "line")
              + " of the dead letters cannot be read; what was played by them is not shown");
    }
    tell(givenUp, window);
    forgotten
        .filter(window.from()::isBefore)
        .ifPresent(
            first ->
                remarks.line(
                    "pop gaps: what was delivered before " + first + " is not remembered"));
    if (!history.damaged().isEmpty()) {
      remarks.line(
          "pop gaps: parts of "
              + String.join(", ", history.damaged())
              + " cannot be read; what was played by them is not shown");
    }
    Holes.words(holes)
        .ifPresent(
            words -> remarks.line("pop gaps: " + words + "; what was played by them is not known"));
    return complete ? ExitCode.DONE : ExitCode.FOUND;
  }

  private void tell(GivenUp givenUp, Window window) {
    if (givenUp.in(window) > 0) {
      remarks.line(
          "pop gaps: the relay gave up "
              + Counted.of(givenUp.in(window), "event")
              + " that may have been played then; drops.ndjson of each sink says why");
    }
    if (givenUp.unreadable() > 0) {
      remarks.line(
          "pop gaps: "
              + Counted.of(givenUp.unreadable(), "line")
              + " of the drop ledgers cannot be read; what was played by them is not known");
    }
  }

  private static Instant dayBefore(Instant end) {
    return end.isBefore(Instant.MIN.plus(DAY)) ? Instant.MIN : end.minus(DAY);
  }

  private void waiting(
      Contents contents,
      String sink,
      Window window,
      Map<String, TimeLine> devices,
      Absences absences)
      throws IOException {
    contents.of(
        sink,
        (file, content) -> {
          absences.alive(file.created());
          Window written = new Window(file.created(), file.written());
          for (PopEvent event : content.waiting()) {
            // A player's clock may be wrong: it counts where the file says so too.
            event.play().startedAt().filter(written::holds).ifPresent(absences::alive);
            kept(event, window, devices);
          }
        });
  }

  /**
   * What became a dead letter was played too, also when somebody has written it off since.
   *
   * @return how many cannot be read
   */
  private long letters(
      Selection.Chosen chosen,
      String sink,
      Window window,
      Map<String, TimeLine> devices,
      Absences absences)
      throws IOException {
    long unreadable = 0;
    for (boolean discarded : new boolean[] {false, true}) {
      unreadable +=
          chosen
              .view()
              .letters(
                  sink,
                  discarded,
                  letter -> {
                    absences.alive(letter.time());
                    kept(letter.event(), window, devices);
                  });
    }
    return unreadable;
  }

  private void kept(PopEvent event, Window window, Map<String, TimeLine> devices) {
    Play play = event.play();
    String id = play.device().id().or(() -> play.device().serial()).orElse("");
    play.startedAt()
        .filter(Window::isPossible)
        .ifPresent(
            began ->
                add(
                    devices,
                    id,
                    window,
                    began,
                    play.duration().filter(Window::isPossible).orElse(Duration.ZERO),
                    What.NOT_DELIVERED));
  }

  private void add(
      Map<String, TimeLine> devices,
      String id,
      Window window,
      Instant began,
      Duration lasted,
      What what) {
    boolean wanted = device == null || device.equals(id);
    if (wanted && began.isBefore(window.to()) && !began.plus(lasted).isBefore(window.from())) {
      devices
          .computeIfAbsent(id, key -> new TimeLine(window, Duration.ofSeconds(tolerance)))
          .add(began, lasted, what);
    }
  }

  private void print(String id, List<TimeLine.Span> spans) {
    terminal.line(terminal.heading("device " + (id.isEmpty() ? "(unknown)" : id)));
    for (TimeLine.Span span : spans) {
      terminal.line(
          "  %s  %s  %9s  %s"
              .formatted(
                  span.from(), span.to(), Figures.span(span.length()), word(span.what(), ' ')));
    }
  }

  private static String word(What what, char between) {
    return what.name().toLowerCase(Locale.ROOT).replace('_', between);
  }

  private static String json(
      Window window,
      Map<String, TimeLine> devices,
      List<Window> away,
      List<Window> unknown,
      boolean complete)
      throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("from", window.from().toString());
          out.writeStringField("to", window.to().toString());
          out.writeBooleanField("complete", complete);
          out.writeArrayFieldStart("devices");
          for (Map.Entry<String, TimeLine> device : devices.entrySet()) {
            out.writeStartObject();
            out.writeStringField("device", device.getKey());
            out.writeArrayFieldStart("spans");
            for (TimeLine.Span span : device.getValue().spans(away, unknown)) {
              out.writeStartObject();
              out.writeStringField("from", span.from().toString());
              out.writeStringField("to", span.to().toString());
              out.writeStringField("is", word(span.what(), '-'));
              out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
