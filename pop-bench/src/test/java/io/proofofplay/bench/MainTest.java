package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.bench.Scenario.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class MainTest {

  private static final Scenario FLOOD =
      new Scenario("flood", Kind.FLOOD, Scenario.By.RELAY, "on-failure", 1, 0, 1000, 500, "");

  private static final Scenario DRAIN =
      new Scenario("drained", Kind.DRAIN, Scenario.By.RELAY, "write-ahead", 1, 1500, 1000, 500, "");

  @TempDir private Path directory;

  /** In place of the relay. */
  private Plan planWith(String script) throws IOException {
    return planWith(script, 1);
  }

  private Plan planWith(String script, int minutes) throws IOException {
    Path bin = Files.createDirectories(directory.resolve("dist/bin"));
    Files.writeString(bin.resolve("pop"), script);
    return PlanTest.plan("all", minutes, directory.resolve("bench"), directory.resolve("dist"));
  }

  @Test
  void aRelayThatDiesAtItsStartEndsTheRunAndTheRowSaysWhy() throws Exception {
    Plan plan = planWith("echo the file is bad; exit 3");

    List<String> complaints =
        Main.measure(plan, Set.of("flood", "drained"), List.of(FLOOD), List.of(DRAIN));

    assertThat(complaints).hasSize(2);
    assertThat(complaints.get(0)).startsWith("flood, run 1: lost 1,500, ");
    assertThat(complaints.get(1)).startsWith("drained, run 1: lost 1,500, ");
    assertThat(complaints).allMatch(all -> all.contains("ended with 3"));
    assertThat(complaints).allMatch(all -> all.contains("the file is bad"));
    assertThat(plan.results().resolve("results.json")).content().contains("the file is bad");
  }

  @Test
  void whenTheTimeIsOverWhatIsLeftIsNotBegunAndSaysSo() throws Exception {
    Plan plan = planWith("echo begun >> " + directory.resolve("begun"), 0);

    List<String> complaints =
        Main.measure(plan, Set.of("flood", "parts"), List.of(FLOOD), List.of());

    assertThat(complaints).hasSize(2);
    assertThat(complaints.get(0)).startsWith("flood, run 1: not begun").contains("bench.minutes");
    assertThat(complaints.get(1)).startsWith("parts: not begun").contains("bench.minutes");
    assertThat(directory.resolve("begun")).doesNotExist();
  }

  @Test
  void theRelayFindsAnEmptyFolderForClassArchives() throws Exception {
    Plan plan = planWith("echo \"cache $(ls -A \"$POP_CACHE\" | wc -l)\" in $POP_CACHE; exit 3");

    List<String> complaints = Main.measure(plan, Set.of("flood"), List.of(FLOOD), List.of());

    assertThat(complaints.get(0)).contains("cache 0 in " + plan.directory());
  }
}
