package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TallyTest {

  @TempDir Path folder;
  private String before;

  @BeforeEach
  void pointToTheFolder() {
    before = System.getProperty("pop.tally");
    System.setProperty("pop.tally", folder.resolve("tally").toString());
  }

  @AfterEach
  void pointBack() {
    if (before == null) {
      System.clearProperty("pop.tally");
    } else {
      System.setProperty("pop.tally", before);
    }
  }

  @Test
  void whatWasRecordedIsReadAndTheLastOfATestCounts() throws Exception {
    new Tally("BIT.second", "stopped, again", 3, 4, 5, 6, 7).record();
    new Tally("AIT.first", "killed", 1, 1, 1, 1, 1).record();
    new Tally("AIT.first", "killed", 200, 201, 1_234_567, 0, 12).record();

    assertThat(Tally.all(folder.resolve("tally")))
        .containsExactly(
            new Tally("AIT.first", "killed", 200, 201, 1_234_567, 0, 12),
            new Tally("BIT.second", "stopped, again", 3, 4, 5, 6, 7));
  }

  @Test
  void aFolderThatIsNotThereHoldsNone() throws Exception {
    assertThat(Tally.all(folder.resolve("elsewhere"))).isEmpty();
  }

  @Test
  void theTableHasALineForEachAndTheirSum() {
    assertThat(
            Tally.table(
                List.of(
                    new Tally("AIT.first", "killed", 200, 201, 1_234_567, 0, 12),
                    new Tally("BIT.second", "stopped, again", 3, 4, 5, 6, 7))))
        .isEqualTo(
            """
            test        what            rounds  faults   accepted  lost  sent again
            AIT.first   killed             200     201  1,234,567     0          12
            BIT.second  stopped, again       3       4          5     6           7
            in all                         203     205  1,234,572     6          19
            """);
  }
}
