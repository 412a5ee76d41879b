package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.bench.Scenario.By;
import io.proofofplay.bench.Scenario.Kind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScenarioTest {

  private static Scenario of(int sources) {
    return new Scenario("row", Kind.FLOOD, By.RELAY, "on-failure", sources, 0, 500, 500, "");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 10, 100, 333, 500, 1000})
  void whatAllSourcesSayTogetherIsWholeBatches(int sources) {
    long all = of(sources).each(1_000_000) * sources;

    assertThat(all % Scenario.BATCH).isZero();
    assertThat(all).isBetween(1_000_000L, 1_000_000L + (long) sources * Scenario.BATCH);
  }

  @Test
  void whatDividesEvenlyIsNotRounded() {
    assertThat(of(1).each(1_000_000)).isEqualTo(1_000_000);
    assertThat(of(1000).each(1_000_000)).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 100, 1000, 20_000})
  void playersThatSayAllTheyMayHaveSaidAWholeBatchMoreThanWasDelivered(int sources) {
    Scenario scenario = of(sources);
    long turn = (long) scenario.chunk() * sources;

    // They stop where the next turn would be too much.
    assertThat(scenario.ahead() - turn).isGreaterThanOrEqualTo(Scenario.BATCH);
  }

  @Test
  void whatThePlayersAreAheadOfIsLittleBesideWhatCounts() {
    for (int sources : new int[] {1, 10, 100, 1000}) {
      assertThat(of(sources).ahead()).isLessThanOrEqualTo(20_000);
    }
  }

  @Test
  void allOfTheLargeBacklogIsDrainedInTheSmallHeap() {
    List<Scenario> rows =
        Scenario.of(PlanTest.plan("all", Path.of(""), Path.of(""))).stream()
            .filter(row -> row.name().equals("drain-10M"))
            .toList();

    assertThat(rows).extracting(Scenario::by).containsExactly(By.values());
    assertThat(rows).extracting(Scenario::waiting).containsOnly(10_000_000L);
    Scenario relay = rows.get(0);
    assertThat(relay.warmup() + relay.events()).isEqualTo(relay.waiting()).isEqualTo(10_000_000);
    assertThat(relay.javaOpts()).isEqualTo("-Xmx64m");
  }

  @Test
  void theMostSourcesHaveAFloorBesideThem() {
    Plan plan = PlanTest.plan("all", 1, Path.of(""), Path.of(""), List.of(10, 1, 1000, 100));

    assertThat(Scenario.scale(plan))
        .extracting(Scenario::title)
        .filteredOn(title -> title.endsWith("(floor)"))
        .containsExactly("steady (floor)", "sources-1000 (floor)");
  }
}
