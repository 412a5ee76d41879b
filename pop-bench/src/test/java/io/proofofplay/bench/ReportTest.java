package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.bench.Scenario.By;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReportTest {

  private final Report report =
      new Report(
          new Machine(2, "a chip", "17", "6.1", "ext4", "rw,relatime,rw", Optional.of(true)),
          PlanTest.plan("all", Path.of(""), Path.of("")));

  private static Scenario scenario(By by) {
    return scenario(by, Scenario.Kind.FLOOD);
  }

  private static Scenario scenario(By by, Scenario.Kind kind) {
    return new Scenario("row", kind, by, "write-ahead", 1, 0, 500, 500, "");
  }

  private static Measured measured(double perSecond, long lost) {
    return measured(perSecond, 1, lost);
  }

  private static Measured measured(double perSecond, double cpu, long lost) {
    return new Measured(perSecond, 1, cpu, 1, 1, 1, Double.NaN, Double.NaN, lost, 0, 0, 0, "");
  }

  @Test
  void theShareIsThatOfTheMediansAndWhatWasLostIsAddedUp() throws IOException {
    for (double perSecond : new double[] {100, 900, 300}) {
      report.add(scenario(By.RELAY), measured(perSecond, 2));
    }
    for (double perSecond : new double[] {400, 200, 8000}) {
      report.add(scenario(By.FLOOR), measured(perSecond, 0));
    }
    report.add(scenario(By.KEEPING_FLOOR), measured(333, 0));

    assertThat(report.table())
        .contains("300 (100 .. 900)")
        .contains("  75 % and 100 %  90 % and 100 %\n");
    assertThat(report.json().replaceAll("\\s", ""))
        .contains("\"lost\":6")
        .contains(
            "\"shareOfTheFloor\":0.75,\"cpuOfTheFloor\":1.0,\"shareOfTheKeepingFloor\":0.9009");
  }

  @Test
  void atAGivenPaceTheCpuAloneIsCompared() throws IOException {
    report.add(scenario(By.RELAY, Scenario.Kind.STEADY), measured(9_900, 30, 0));
    report.add(scenario(By.FLOOR, Scenario.Kind.STEADY), measured(10_000, 20, 0));

    assertThat(report.table()).contains("  - and 150 %\n");
    assertThat(report.json().replaceAll("\\s", ""))
        .contains("\"cpuOfTheFloor\":1.5")
        .doesNotContain("shareOfTheFloor");
  }

  @Test
  void eachRunStandsInTheJson() throws IOException {
    for (double perSecond : new double[] {100, 900, 300}) {
      report.add(scenario(By.RELAY), measured(perSecond, 0));
    }
    assertThat(report.json().replaceAll("\\s", ""))
        .containsSubsequence("\"events/s\":100.0", "\"events/s\":900.0", "\"events/s\":300.0");
  }

  @Test
  void aRunThatCameToNoEndTakesNoFigureAway() throws IOException {
    report.add(scenario(By.RELAY), measured(100, 0));
    report.add(scenario(By.RELAY), Measured.failed(7, 0, 0, 0, "the process has ended with 3"));
    report.add(scenario(By.FLOOR), Measured.failed(0, 0, 0, 0, "no floor"));
    report.add(scenario(By.RELAY), measured(Double.POSITIVE_INFINITY, 0));
    report.add(scenario(By.RELAY), measured(300, 0));

    assertThat(report.table()).contains("100 (100 .. 300)").doesNotContain("NaN");
    assertThat(report.json())
        .doesNotContain("NaN")
        .doesNotContain("Infinity")
        .contains("the process has ended with 3");
  }

  @Test
  void whereTheFiguresAreFromStandsWithThem() throws IOException {
    assertThat(report.table()).startsWith("2 x a chip, JVM 17, kernel 6.1, ext4 with a journal");
    assertThat(report.json().replaceAll("\\s", ""))
        .contains("\"kernel\":\"6.1\",\"fileSystem\":\"ext4\"")
        .contains("\"mountOptions\":\"rw,relatime,rw\",\"journal\":true");
  }

  @Test
  void eachRunThatIsWrongIsNamed() {
    report.add(scenario(By.RELAY), measured(100, 0));
    report.add(scenario(By.RELAY), new Measured(1, 1, 1, 1, 1, 1, 1, 1, 0, 1200, 2, 3, ""));
    report.add(scenario(By.FLOOR), Measured.failed(7, 0, 0, 0, "nothing came"));

    assertThat(report.complaints())
        .containsExactly(
            "row, run 2: dup 1,200, reord 2, changed 3",
            "row (floor), run 1: lost 7, nothing came");
  }
}
