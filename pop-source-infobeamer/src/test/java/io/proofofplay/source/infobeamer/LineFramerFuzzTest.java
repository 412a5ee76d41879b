package io.proofofplay.source.infobeamer;

import io.proofofplay.testkit.FuzzRun;
import org.junit.jupiter.api.Test;

final class LineFramerFuzzTest {

  @Test
  void anyBytesGiveTheSameLinesHoweverTheyAreCut() {
    FuzzRun.of(LineFramerFuzz.class, 256).run("anyBytesGiveTheSameLinesHoweverTheyAreCut");
  }
}
