package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PlanTest {

  private static final Set<String> NAMES = Set.of("drain", "drain-10M", "steady");

  static Plan plan(String only, Path directory, Path dist) {
    return plan(only, 1, directory, dist);
  }

  static Plan plan(String only, int minutes, Path directory, Path dist) {
    return plan(only, minutes, directory, dist, List.of(1));
  }

  static Plan plan(String only, int minutes, Path directory, Path dist, List<Integer> sources) {
    return new Plan(
        only,
        true,
        minutes,
        1,
        1000,
        500,
        1,
        sources,
        List.of(0L),
        10_000_000,
        "",
        directory,
        directory.resolve("results"),
        dist);
  }

  private static Set<String> chosen(String only) {
    return plan(only, Path.of(""), Path.of("")).chosen(NAMES);
  }

  @Test
  void aWholeNameChoosesThatRowAndABeginningAllThatHaveIt() {
    assertThat(chosen("all")).isEqualTo(NAMES);
    assertThat(chosen("drain")).containsExactly("drain");
    assertThat(chosen("drain-")).containsExactly("drain-10M");
    assertThat(chosen("dr")).containsExactlyInAnyOrder("drain", "drain-10M");
    assertThat(chosen("drain, steady")).containsExactlyInAnyOrder("drain", "steady");
  }

  @Test
  void aRowThatIsNotThereIsAnErrorThatNamesWhatThereIs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chosen("drain,writeahead"))
        .withMessageContainingAll("bench.only", "\"writeahead\"", "drain-10M", "steady");
    assertThatIllegalArgumentException().isThrownBy(() -> chosen("drain,"));
  }
}
