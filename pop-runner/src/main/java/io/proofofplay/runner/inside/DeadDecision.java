package io.proofofplay.runner.inside;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest.Action;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.config.Delivery;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.DeadLetterRequests;
import io.proofofplay.spool.file.DeadLetterRequests.Answer;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Does with dead letters what an operator has decided: through the relay that owns the spool, or in
 * its place if none runs.
 */
final class DeadDecision {

  /** The relay looks about once a second; one that is so late does not look. */
  private static final Duration PICKED_UP = Duration.ofSeconds(15);

  /** How long the relay may take for many letters. */
  private static final Duration ANSWERED = Duration.ofSeconds(60);

  private static final long LOOK_AGAIN = Duration.ofMillis(50).toNanos();

  /** Who does what nobody does. */
  private static final String NOBODY = "nobody";

  /** What stays of an owner, see {@code docs/spool-format.md}. */
  private static final String LOCK = "lock";

  /** How often to begin anew, because a relay has started or stopped in between. */
  private static final int ROUNDS = 3;

  private final Action action;
  private final Selection selection;
  private final LetterChoice choice;
  private final Terminal terminal;
  private final Terminal remarks;
  private final TimeSource time;
  private final Person person;

  DeadDecision(
      Action action,
      Selection selection,
      LetterChoice choice,
      Terminal terminal,
      Terminal remarks,
      TimeSource time,
      Person person) {
    this.action = action;
    this.selection = selection;
    this.choice = choice;
    this.terminal = terminal;
    this.remarks = remarks;
    this.time = time;
    this.person = person;
  }

  /** What was done for a sink. */
  private record Done(int meant, Answer answer, String by) {

    /** Nothing, as another process owns the spool. */
    static Done byNobody(int meant, String why) {
      return new Done(meant, new Answer(0, why), NOBODY);
    }

    boolean isByNobody() {
      return by.equals(NOBODY);
    }

    boolean isWhole() {
      return answer.done() >= meant && answer.problem().isEmpty();
    }
  }

  int carryOut() throws Exception {
    Selection.Chosen chosen = selection.choose();
    Map<String, Set<String>> meant = new LinkedHashMap<>();
    long unreadable = 0;
    for (String sink : chosen.sinks()) {
      Set<String> batches = new TreeSet<>();
      long ofSink =
          choice.each(chosen.view(), sink, letter -> batches.add(letter.batch().toString()));
      if (ofSink > 0) {
        remarks.line(unreadable(sink, ofSink));
      }
      unreadable += ofSink;
      if (!batches.isEmpty()) {
        meant.put(sink, batches);
      }
    }
    int count = meant.values().stream().mapToInt(Set::size).sum();
    if (!choice.isMade() && !isWanted(count)) {
      terminal.line("nothing was done");
      return ExitCode.DONE;
    }
    Map<String, Done> done = new LinkedHashMap<>();
    for (Map.Entry<String, Set<String>> sink : meant.entrySet()) {
      done.put(sink.getKey(), attempt(chosen, sink.getKey(), sink.getValue()));
    }
    tell(done);
    if (done.values().stream().anyMatch(Done::isByNobody)) {
      return ExitCode.IN_USE;
    }
    return unreadable > 0 || done.isEmpty() || !done.values().stream().allMatch(Done::isWhole)
        ? ExitCode.FOUND
        : ExitCode.DONE;
  }

  private String unreadable(String sink, long lines) {
    return "pop dead "
        + word()
        + ": "
        + sink
        + ": "
        + Counted.of(lines, "line")
        + " of the dead letters cannot be read, and "
        + (lines == 1 ? "stays" : "stay");
  }

  private String word() {
    return action == Action.RETRY ? "retry" : "discard";
  }

  private boolean isWanted(int count) {
    String verb = action == Action.RETRY ? "try again" : "discard";
    return switch (person.ask(verb + " " + Counted.of(count, "dead letter") + "?")) {
      case YES -> true;
      case NO -> false;
      case NOBODY ->
          throw selection.wrong(
              "which letters is not said; write --uuid UUID, --before TIME or --all");
    };
  }

  /** What fails for one sink hides nothing of what is done for the others. */
  private Done attempt(Selection.Chosen chosen, String sink, Set<String> batches) {
    try {
      return decide(chosen, sink, batches);
    } catch (IOException e) {
      return new Done(
          batches.size(),
          new Answer(0, "it failed, and pop dead ls says what is left: " + e),
          "this command");
    }
  }

  private Done decide(Selection.Chosen chosen, String sink, Set<String> batches)
      throws IOException {
    for (int i = 0; i < ROUNDS; i++) {
      try {
        return new Done(batches.size(), inItsPlace(chosen, sink, batches), "this command");
      } catch (StorageInUse e) {
        if (!chosen.isConfigured(sink)) {
          return Done.byNobody(
              batches.size(),
              "a relay is running, and the configuration has no such sink; stop the relay, or"
                  + " add the sink, and say it again");
        }
        Optional<Answer> answer = throughTheRelay(chosen.directory(), sink, batches);
        if (answer.isPresent()) {
          return new Done(batches.size(), answer.get(), "the relay");
        }
      }
    }
    return Done.byNobody(
        batches.size(), "the process that owns the spool does not look for requests");
  }

  private Answer inItsPlace(Selection.Chosen chosen, String sink, Set<String> batches)
      throws IOException {
    if (Files.notExists(chosen.directory().resolve(LOCK))) {
      // It would be made by whoever this is. One that is there stays whose it is.
      expectOwnFiles(chosen.directory());
    }
    try (FileStorage storage = FileStorage.open(chosen.directory(), time)) {
      expectOwnFiles(chosen.directory());
      try (DeadLetters letters = storage.openDeadLetters(sink)) {
        if (action == Action.DISCARD) {
          return new Answer(letters.discard(time.now(), letter -> isIn(batches, letter)), "");
        }
        Optional<Delivery> delivery = Optional.ofNullable(chosen.relay().sinks().get(sink));
        // One sender: what is put back has none, and must not be sent under that of others.
        try (Spool spool =
            storage.openSpool(
                sink,
                delivery.map(Delivery::spool).orElseGet(SpoolPolicy::defaults),
                delivery.map(Delivery::batch).orElseGet(BatchPolicy::defaults),
                true)) {
          Return taker = new Return(spool, batches);
          long done = letters.takeOut(taker);
          return new Answer(
              done,
              taker.refused == 0 ? "" : "the spool has no room for " + taker.refused + " more");
        }
      }
    }
  }

  private static boolean isIn(Set<String> batches, DeadLetter letter) {
    return batches.contains(letter.batch().toString());
  }

  /** What another user writes, the relay could not write any more. */
  private void expectOwnFiles(Path directory) throws IOException {
    String owner = Files.getOwner(directory).getName();
    String user = System.getProperty("user.name");
    if (user.equals("root") && !owner.equals("root")) {
      throw selection.wrong(
          directory
              + " belongs to "
              + owner
              + ", and what root writes there a relay of "
              + owner
              + " cannot change any more; run this as "
              + owner);
    }
  }

  /** Puts the events of letters back into the spool, as long as there is room. */
  private static final class Return implements DeadLetters.Taker {

    private final Spool spool;
    private final Set<String> batches;
    private long refused;

    Return(Spool spool, Set<String> batches) {
      this.spool = spool;
      this.batches = batches;
    }

    @Override
    public boolean take(DeadLetter letter) {
      if (!isIn(batches, letter)) {
        return false;
      }
      if (refused > 0 || spool.append(List.of(letter.event())) != Spool.Append.KEPT) {
        refused++;
        return false;
      }
      return true;
    }

    @Override
    public void keep() throws IOException {
      spool.sync();
    }
  }

  /** Empty if nobody has picked the request up, which is taken back then. */
  private Optional<Answer> throughTheRelay(Path directory, String sink, Set<String> batches)
      throws IOException {
    DeadLetterRequests requests = DeadLetterRequests.of(directory, sink);
    String id = requests.post(action, batches, time.now());
    long began = time.nanos();
    try (Progress waits =
        waiting(sink + ": waiting for the relay to take the request", PICKED_UP)) {
      while (requests.isWaiting(id)) {
        long waited = time.nanos() - began;
        if (waited > PICKED_UP.toNanos() && requests.withdraw(id)) {
          return Optional.empty();
        }
        show(waits, waited);
        LockSupport.parkNanos(LOOK_AGAIN);
      }
    }
    long takenAt = time.nanos();
    try (Progress waits = waiting(sink + ": waiting for the relay to answer", ANSWERED)) {
      long waited = 0;
      while (waited < ANSWERED.toNanos()) {
        Optional<Answer> answer = requests.answer(id);
        if (answer.isPresent()) {
          return answer;
        }
        show(waits, waited);
        LockSupport.parkNanos(LOOK_AGAIN);
        waited = time.nanos() - takenAt;
      }
    }
    return Optional.of(
        new Answer(0, "the relay has taken the request and says nothing; see pop dead ls"));
  }

  private Progress waiting(String what, Duration longest) {
    return new Progress(remarks, time, what + ", second", longest.toSeconds());
  }

  private static void show(Progress waits, long nanos) {
    waits.at(Duration.ofNanos(nanos).toSeconds(), "");
  }

  private void tell(Map<String, Done> sinks) throws IOException {
    if (selection.isJson()) {
      terminal.line(json(sinks));
      return;
    }
    if (sinks.isEmpty()) {
      terminal.line("there is no such dead letter");
    }
    String did = action == Action.RETRY ? " put back to be delivered" : " discarded";
    sinks.forEach(
        (sink, done) -> {
          List<String> words = new ArrayList<>();
          words.add(Counted.of(done.answer().done(), "dead letter") + did + " by " + done.by());
          if (!done.isWhole()) {
            words.add(done.meant() + (done.meant() == 1 ? " was meant" : " were meant"));
          }
          if (!done.answer().problem().isEmpty()) {
            words.add(done.answer().problem());
          }
          terminal.line(terminal.heading(sink) + ": " + String.join("; ", words));
        });
  }

  private String json(Map<String, Done> sinks) throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("action", word());
          out.writeArrayFieldStart("sinks");
          for (Map.Entry<String, Done> sink : sinks.entrySet()) {
            out.writeStartObject();
            out.writeStringField("sink", sink.getKey());
            out.writeNumberField("meant", sink.getValue().meant());
            out.writeNumberField("done", sink.getValue().answer().done());
            out.writeStringField("problem", sink.getValue().answer().problem());
            out.writeStringField("by", sink.getValue().by());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
