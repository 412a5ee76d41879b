package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

  /** The letters of a sink that are meant, and how many lines could not be read. */
  record Found(List<DeadLetter> letters, long unreadable) {}

  Found in(SpoolView view, String sink) throws IOException {
    List<DeadLetter> letters = new ArrayList<>();
    long unreadable =
        view.letters(
            sink,
            false,
            letter -> {
              if (means(letter)) {
                letters.add(letter);
              }
            });
    return new Found(letters, unreadable);
  }
}
