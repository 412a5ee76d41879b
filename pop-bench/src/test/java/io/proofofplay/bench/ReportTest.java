package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ReportTest {

  private final Report report = new Report();

  private static Scenario scenario(boolean floor) {
    return new Scenario("row", Scenario.Kind.FLOOD, floor, "write-ahead", 1, 0, 500, 500, "");
  }

  private static Measured measured(double perSecond, long lost) {
    return new Measured(perSecond, 1, 1, 1, 1, Double.NaN, Double.NaN, lost, 0, 0, 0);
  }

  @Test
  void theShareIsThatOfTheMediansAndWhatWasLostIsAddedUp() throws IOException {
    for (double perSecond : new double[] {100, 900, 300}) {
      report.add(scenario(false), measured(perSecond, 2));
    }
    for (double perSecond : new double[] {400, 200, 8000}) {
      report.add(scenario(true), measured(perSecond, 0));
    }

    assertThat(report.table()).contains("300 (100 .. 900)").contains("75 %");
    assertThat(report.json().replaceAll("\\s", ""))
        .contains("\"lost\":6")
        .contains("\"shareOfTheFloor\":0.75");
  }
}
