package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That each step is the one that its name says, and leaves the next one the same state. */
final class SpoolStepBenchmarkTest {

  private final SpoolStepBenchmark benchmark = new SpoolStepBenchmark();

  private static List<String> events(TrialSpools spools, String name) throws IOException {
    try (Stream<Path> files = Files.list(spools.directory().resolve(name))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.matches("\\d+[-.].*"))
          .sorted()
          .toList();
    }
  }

  private static long bytes(SpoolStepBenchmark.Empty state) throws IOException {
    long bytes = 0;
    for (String file : events(state.spools, "spool")) {
      bytes += Files.size(state.spools.directory().resolve("spool").resolve(file));
    }
    return bytes;
  }

  @Test
  void toBeginMakesAFile() throws IOException {
    var state = new SpoolStepBenchmark.Empty();
    state.open();
    for (int i = 0; i < 3; i++) {
      state.prepare();
      assertThat(events(state.spools, "spool")).isEmpty();
      benchmark.begin(state);
      assertThat(events(state.spools, "spool")).hasSize(1);
      assertThat(state.spool.stats().unconfirmed()).isEqualTo(1);
      state.empty();
    }
    state.close();
  }

  @Test
  void toAppendWritesToTheFileAndForcesNothing() throws IOException {
    var state = new SpoolStepBenchmark.Begun();
    state.open();
    for (int i = 0; i < 3; i++) {
      state.prepare();
      final long before = bytes(state);
      assertThat(state.spool.stats().unconfirmed()).isZero();
      benchmark.append(state);
      assertThat(bytes(state) - before)
          .isGreaterThan((long) SpoolStepBenchmark.EVENTS * Play.LENGTH);
      assertThat(state.spool.stats().unconfirmed()).isEqualTo(SpoolStepBenchmark.EVENTS);
      state.empty();
    }
    state.close();
  }

  @Test
  void toForceLeavesNothingUnconfirmedAndSealsNothing() throws IOException {
    var state = new SpoolStepBenchmark.Written();
    state.open();
    for (int i = 0; i < 3; i++) {
      state.prepare();
      assertThat(state.spool.stats().unconfirmed()).isEqualTo(SpoolStepBenchmark.EVENTS);
      benchmark.force(state);
      assertThat(state.spool.stats().unconfirmed()).isZero();
      assertThat(state.spool.stats().batches()).isZero();
      state.empty();
    }
    state.close();
  }

  @Test
  void toSealIsOfABatchThatIsForced() throws IOException {
    var state = new SpoolStepBenchmark.Forced();
    state.open();
    for (int i = 0; i < 3; i++) {
      state.prepare();
      assertThat(state.spool.stats().unconfirmed()).isZero();
      assertThat(benchmark.seal(state)).isTrue();
      assertThat(state.spool.stats().batches()).isEqualTo(1);
      state.empty();
    }
    state.close();
  }

  @Test
  void whatIsReadBackWasNotWrittenByThisSpoolAndThereIsAlwaysMore() throws IOException {
    var state = new SpoolStepBenchmark.Found();
    state.open();
    assertThat(state.spool.stats().appended()).isZero();
    for (int i = 0; i < 250; i++) {
      state.prepare();
      assertThat(benchmark.readBack(state).size()).isEqualTo(Scenario.BATCH);
      state.drop();
    }
    state.close();
  }

  @Test
  void toRemoveTakesOneOfMany() throws IOException {
    var state = new SpoolStepBenchmark.Looked();
    state.open();
    for (int i = 0; i < 250; i++) {
      state.prepare();
      final int before = events(state.spools, "found").size();
      benchmark.remove(state);
      assertThat(events(state.spools, "found")).hasSize(before - 1).isNotEmpty();
      state.drop();
    }
    state.close();
  }
}
