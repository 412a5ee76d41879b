package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            new Tally("AIT.first", "killed", 3, 6, 1000, 0, 12, true),
            new Tally("BIT.second", "stopped, again", 3, 4, 5, 0, 7, true));
  }

  @Test
  void aTestThatEndsByAnExceptionIsShownAsSuchWithWhatItHadSeen() throws Exception {
    assertThatThrownBy(() -> kill(3, 9)).isInstanceOf(AssertionError.class);

    assertThat(kept()).containsExactly(new Tally("AIT.first", "killed", 3, 6, 1000, 9, 12, false));
  }

  @Test
  void aTestWhoseProcessDiesInTheMiddleIsShownAsSuch() throws Exception {
    TallyRun neverEnds = TallyRun.of("AIT.first", "killed");
    neverEnds.round(1);

    assertThat(kept()).containsExactly(new Tally("AIT.first", "killed", 0, 0, 0, 0, 0, false));
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

    assertThat(kept()).containsExactly(new Tally("AIT.first", "killed", 1, 2, 1000, 0, 12, true));
  }

  @Test
  void severalPassesOfATestAreOneTallyWhichHoldsIfAllOfThemDo() throws Exception {
    kill(1, 0);
    kill(2, 0);
    assertThat(kept()).containsExactly(new Tally("AIT.first", "killed", 3, 6, 2000, 0, 24, true));
    assertThatThrownBy(() -> kill(1, 5)).isInstanceOf(AssertionError.class);
    kill(1, 0);

    assertThat(kept()).containsExactly(new Tally("AIT.first", "killed", 5, 10, 4000, 5, 48, false));
  }

  @Test
  void noFigureIsNegative() throws Exception {
    // A test that takes what has come from what it sent, before it sent it, would make the sum less.
    for (int figure = 0; figure < 5; figure++) {
      long[] of = {0, 0, 0, 0, 0};
      of[figure] = -1;
      assertThatThrownBy(
              () -> new Tally("AIT.first", "killed", of[0], of[1], of[2], of[3], of[4], true))
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

    assertThat(kept()).containsExactly(new Tally("AIT.first", "killed", 0, 0, 0, 0, 0, false));
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
                    new Tally("AIT.first", "killed", 200, 201, 1_234_567, 0, 12, true),
                    new Tally("BIT.second", "stopped, again", 3, 4, 5, 0, 7, true))))
        .isEqualTo(
            """
            test        what            rounds  faults   accepted  lost  sent again  held
            AIT.first   killed             200     201  1,234,567     0          12   yes
            BIT.second  stopped, again       3       4          5     0           7   yes
            in all                         203     205  1,234,572     0          19   yes
            """);
  }

  @Test
  void theTableSaysWhichTestDidNotHold() {
    assertThat(
            Tally.table(
                List.of(
                    new Tally("AIT.first", "killed", 200, 201, 1_234_567, 0, 12, true),
                    new Tally("BIT.second", "stopped, again", 3, 4, 5, 1, 7, false))))
        .contains(
            "BIT.second  stopped, again       3       4          5     1           7    NO\n",
            "in all                         203     205  1,234,572     1          19    NO\n",
            "\nNO: a claim of the test did not hold, or it was cut short");
  }
}
