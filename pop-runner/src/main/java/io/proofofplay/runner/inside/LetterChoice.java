package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Which dead letters are meant. */
final class LetterChoice {

  @Option(names = "--uuid", paramLabel = "UUID", description = "The events of this id; repeatable.")
  private Set<String> uuids = Set.of();

  @Option(
      names = "--before",
      paramLabel = "TIME",
      description = "Those that died before, such as 2026-03-01T12:00:00Z.")
  private Instant before;

  @Option(names = "--all", description = "All of them.")
  private boolean all;

  /** Whether anything was said at all. */
  boolean isMade() {
    return all || before != null || !uuids.isEmpty();
  }

  boolean means(DeadLetter letter) {
    return (uuids.isEmpty() || uuids.contains(letter.event().uuid()))
        && (before == null || letter.time().isBefore(before));
  }

  /**
   * Reads the letters of a sink that are meant, one after the other: there may be more of them than
   * fit into memory.
   *
   * @return how many lines could not be read
   */
  long each(SpoolView view, String sink, Consumer<DeadLetter> reader) throws IOException {
    return view.letters(
        sink,
        false,
        letter -> {
          if (means(letter)) {
            reader.accept(letter);
          }
        });
  }
}
