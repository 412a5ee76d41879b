package io.proofofplay.testkit;

import static io.proofofplay.testkit.Tally.Outcome.BROKEN;
import static io.proofofplay.testkit.Tally.Outcome.HELD;
import static io.proofofplay.testkit.Tally.Outcome.SKIPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineTestKit;

final class TallyTest {

  private static final String EARLIER = "2026-01-01T00:00:00Z";
  private static final String THIS = "2026-01-02T00:00:00Z";

  @TempDir Path folder;
  private final Map<String, String> before = new HashMap<>();

  @BeforeEach
  void pointToTheFolder() {
    for (String name : List.of("pop.tally", "pop.build")) {
      before.put(name, System.getProperty(name));
    }
    System.setProperty("pop.tally", folder.resolve("tally").toString());
    System.setProperty("pop.build", THIS);
  }

  @AfterEach
  void pointBack() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }

  private List<Tally> kept() throws IOException {
    return Tally.of(folder.resolve("tally"), THIS);
  }

  /** Of a test that was not told what was known before an end. */
  private static Tally tally(
      String test,
      String what,
      long rounds,
      long faults,
      long accepted,
      long lost,
      long repeated,
      Tally.Outcome outcome) {
    return new Tally(
        test, what, rounds, faults, accepted, OptionalLong.empty(), lost, repeated, outcome);
  }

  private static void kill(int kills, long lost) {
    long[] seen = {0};
    try (TallyRun run =
        TallyRun.of("AIT.first", "killed")
            .accepted(() -> 1000)
            .lost(() -> seen[0])
            .repeated(() -> 12)) {
      for (int i = 0; i < kills; i++) {
        run.round(2);
      }
      seen[0] = lost;
      if (lost > 0) {
        throw new AssertionError("lost " + lost);
      }
      run.held();
    }
  }

  @Test
  void whatATestHasSeenIsKeptByTheNameOfTheTest() throws Exception {
    try (TallyRun run = TallyRun.of("BIT.second", "stopped, again")) {
      run.rounds(3, 4);
      run.events(5, 0, 7);
      run.held();
    }
    kill(3, 0);

    assertThat(kept())
        .containsExactly(
            tally("AIT.first", "killed", 3, 6, 1000, 0, 12, HELD),
            tally("BIT.second", "stopped, again", 3, 4, 5, 0, 7, HELD));
  }

  @Test
  void aTestThatEndsByAnExceptionIsShownAsSuchWithWhatItHadSeen() throws Exception {
    assertThatThrownBy(() -> kill(3, 9)).isInstanceOf(AssertionError.class);

    assertThat(kept()).containsExactly(tally("AIT.first", "killed", 3, 6, 1000, 9, 12, BROKEN));
  }

  @Test
  void aTestWhoseProcessDiesInTheMiddleIsShownAsSuch() throws Exception {
    TallyRun neverEnds = TallyRun.of("AIT.first", "killed");
    neverEnds.round(1);

    assertThat(kept()).containsExactly(tally("AIT.first", "killed", 0, 0, 0, 0, 0, BROKEN));
  }

  @Test
  void whatAnEarlierBuildHasLeftIsNotShown() throws Exception {
    System.setProperty("pop.build", EARLIER);
    kill(200, 0);
    Files.writeString(folder.resolve("tally/BIT.older.tally"), "of another form\n");

    assertThat(kept()).isEmpty();
  }

  @Test
  void whatAnEarlierBuildHasLeftIsNotCountedAgain() throws Exception {
    System.setProperty("pop.build", EARLIER);
    assertThatThrownBy(() -> kill(200, 9)).isInstanceOf(AssertionError.class);
    System.setProperty("pop.build", THIS);
    kill(1, 0);

    assertThat(kept()).containsExactly(tally("AIT.first", "killed", 1, 2, 1000, 0, 12, HELD));
  }

  @Test
  void severalPassesOfATestAreOneTallyWhichHoldsIfAllOfThemDo() throws Exception {
    kill(1, 0);
    kill(2, 0);
    assertThat(kept()).containsExactly(tally("AIT.first", "killed", 3, 6, 2000, 0, 24, HELD));
    assertThatThrownBy(() -> kill(1, 5)).isInstanceOf(AssertionError.class);
    kill(1, 0);

    assertThat(kept()).containsExactly(tally("AIT.first", "killed", 5, 10, 4000, 5, 48, BROKEN));
  }

  @Test
  void noFigureIsNegative() throws Exception {
    // A loss that is less than none would hide one of another test in the sum.
    for (int figure = 0; figure < 6; figure++) {
      long[] of = {0, 0, 0, 0, 0, 0};
      of[figure] = -1;
      assertThatThrownBy(
              () ->
                  new Tally(
                      "AIT.first",
                      "killed",
                      of[0],
                      of[1],
                      of[2],
                      OptionalLong.of(of[3]),
                      of[4],
                      of[5],
                      HELD))
          .as("figure %d", figure)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("AIT.first counted -1 of something; 0 is the least that is right");
    }
    assertThatThrownBy(
            () -> {
              try (TallyRun run = TallyRun.of("AIT.first", "killed").lost(() -> -3)) {
                run.held();
              }
            })
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(kept()).containsExactly(tally("AIT.first", "killed", 0, 0, 0, 0, 0, BROKEN));
  }

  /** A life in which so many events were counted before its end, and so many found after it. */
  private static void end(long known, long found) {
    try (TallyRun run =
        TallyRun.of("AIT.first", "killed").accepted(() -> found).known(() -> known)) {
      run.round(0);
      run.held();
    }
  }

  @Test
  void whatWasKnownBeforeTheEndIsKeptBesideWhatWasFoundAfterIt() throws Exception {
    end(990, 1000);
    try (TallyRun run = TallyRun.of("BIT.second", "stopped")) {
      run.known(3);
      run.known(4);
      run.events(7, 0, 0);
      run.held();
    }
    try (TallyRun run = TallyRun.of("CIT.third", "nobody was asked")) {
      run.events(7, 0, 0);
      run.held();
    }

    assertThat(kept())
        .containsExactly(
            new Tally("AIT.first", "killed", 1, 0, 1000, OptionalLong.of(990), 0, 0, HELD),
            new Tally("BIT.second", "stopped", 0, 0, 7, OptionalLong.of(7), 0, 0, HELD),
            tally("CIT.third", "nobody was asked", 0, 0, 7, 0, 0, HELD));
  }

  @Test
  void aTestDoesNotHoldIfFewerEventsAreFoundThanWereKnown() throws Exception {
    assertThatThrownBy(() -> end(1000, 999))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "AIT.first: 1000 events were known to be accepted before the end, and 999 were found");

    assertThat(kept())
        .containsExactly(
            new Tally("AIT.first", "killed", 1, 0, 999, OptionalLong.of(1000), 0, 0, BROKEN));
  }

  @Test
  void whatOnePassHasFoundTooMuchHidesNothingThatAnotherMisses() throws Exception {
    end(0, 1000);
    assertThatThrownBy(() -> end(10, 9)).isInstanceOf(AssertionError.class);

    assertThat(kept())
        .containsExactly(
            new Tally("AIT.first", "killed", 2, 0, 1009, OptionalLong.of(10), 0, 0, BROKEN));
  }

  @Test
  void aPassInWhichNobodyWasAskedLeavesWhatAnotherKnew() throws Exception {
    end(990, 1000);
    kill(1, 0);

    assertThat(kept())
        .containsExactly(
            new Tally("AIT.first", "killed", 2, 2, 2000, OptionalLong.of(990), 0, 12, HELD));
  }

  @Test
  void withoutAFolderNothingIsKept() throws Exception {
    System.clearProperty("pop.tally");
    kill(1, 0);

    assertThat(kept()).isEmpty();
  }

  @Test
  void theTableHasALineForEachAndTheirSum() {
    assertThat(
            Tally.table(
                List.of(
                    new Tally(
                        "AIT.first",
                        "killed",
                        200,
                        201,
                        1_234_567,
                        OptionalLong.of(1_200_000),
                        0,
                        12,
                        HELD),
                    tally("BIT.second", "stopped, again", 3, 4, 5, 0, 7, HELD),
                    new Tally("CIT.third", "asked", 1, 0, 6, OptionalLong.of(6), 0, 0, HELD))))
        .isEqualTo(
            """
            test        what            rounds  faults   accepted  known before the end  lost  sent again  held
            AIT.first   killed             200     201  1,234,567             1,200,000     0          12   yes
            BIT.second  stopped, again       3       4          5                           0           7   yes
            CIT.third   asked                1       0          6                     6     0           0   yes
            in all                         204     205  1,234,578             1,200,006     0          19   yes
            known before the end: what the program itself had counted as accepted by then,\
             or had surely read; blank where it was not asked
            """);
  }

  @Test
  void theTableSaysWhichTestDidNotHold() {
    assertThat(
            Tally.table(
                List.of(
                    tally("AIT.first", "killed", 200, 201, 1_234_567, 0, 12, HELD),
                    tally("BIT.second", "stopped, again", 3, 4, 5, 1, 7, BROKEN))))
        .containsPattern(
            "BIT.second  stopped, again       3       4          5 +1           7    NO")
        .containsPattern(
            "in all                         203     205  1,234,572 +1          19    NO")
        .contains("\nNO: a claim of the test did not hold, or it was cut short")
        .doesNotContain("surely read");
  }

  /** Run by a test of this class alone. */
  @ExtendWith(SkippedTally.class)
  static class NeedsWhatIsNotHere {

    @Test
    void fills() {
      abort("skipped: no disk may be mounted here: " + "x".repeat(200) + "\nnot even a small one");
    }

    @Test
    void comesToItsEnd() {
      try (TallyRun run = TallyRun.of("NeedsWhatIsNotHere.comesToItsEnd", "all of it")) {
        run.held();
      }
    }
  }

  @Test
  void aTestThatIsSkippedIsInTheTableAndSaysWhy() throws Exception {
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(NeedsWhatIsNotHere.class))
        .execute()
        .testEvents()
        .assertStatistics(counts -> counts.aborted(1).succeeded(1));

    String why = "skipped: no disk may be mounted here: " + "x".repeat(62) + "…";
    assertThat(kept())
        .containsExactly(
            tally("NeedsWhatIsNotHere.comesToItsEnd", "all of it", 0, 0, 0, 0, 0, HELD),
            tally("NeedsWhatIsNotHere.fills", why, 0, 0, 0, 0, 0, SKIPPED));
    assertThat(Tally.table(kept()))
        .containsPattern("NeedsWhatIsNotHere\\.fills .* skipped\n")
        .containsPattern("in all .* yes\nskipped: nothing of it was tried here");
  }

  @Test
  void whatWasSkippedInOnePassHidesNoOtherThatDidNotHold() {
    Tally skipped = tally("AIT.first", "no disk", 0, 0, 0, 0, 0, SKIPPED);
    Tally broken = tally("AIT.first", "killed", 1, 0, 5, 1, 0, BROKEN);
    Tally held = tally("AIT.first", "killed", 1, 0, 5, 0, 0, HELD);
    assertThat(skipped.plus(broken).outcome()).isEqualTo(BROKEN);
    assertThat(broken.plus(skipped).outcome()).isEqualTo(BROKEN);
    assertThat(skipped.plus(held).outcome()).isEqualTo(HELD);
    assertThat(held.plus(skipped).outcome()).isEqualTo(HELD);
    assertThat(skipped.plus(skipped).outcome()).isEqualTo(SKIPPED);
  }
}
