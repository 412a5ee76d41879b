package io.proofofplay.testkit;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Takes some of the letters of {@link Letters} over. */
final class TakingLetters implements DeadLetters.Taker {

  /** What happens when the letters are to be kept. */
  @FunctionalInterface
  interface Keeping {
    void run() throws IOException;
  }

  private final Set<String> wanted;
  private final List<DeadLetter> seen = new ArrayList<>();
  private final List<DeadLetter> pending = new ArrayList<>();
  private final List<DeadLetter> kept = new ArrayList<>();
  private Keeping keeping = () -> {};

  TakingLetters(int... numbers) {
    wanted =
        IntStream.of(numbers)
            .mapToObj(number -> Letters.number(number).batch().toString())
            .collect(Collectors.toSet());
  }

  void whenKeeping(Keeping what) {
    keeping = what;
  }

  List<DeadLetter> seen() {
    return seen;
  }

  List<DeadLetter> kept() {
    return kept;
  }

  @Override
  public boolean take(DeadLetter letter) {
    seen.add(letter);
    boolean takes = wanted.contains(letter.batch().toString());
    if (takes) {
      pending.add(letter);
    }
    return takes;
  }

  @Override
  public void keep() throws IOException {
    keeping.run();
    kept.addAll(pending);
    pending.clear();
  }
}
