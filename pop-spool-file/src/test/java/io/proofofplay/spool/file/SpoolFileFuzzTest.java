package io.proofofplay.spool.file;

import io.proofofplay.testkit.FuzzRun;
import org.junit.jupiter.api.Test;

final class SpoolFileFuzzTest {

  @Test
  void anySpoolFileIsReadAndOnlyWhatIsDamagedIsLost() {
    FuzzRun.of(SpoolFileFuzz.class, 1024).run("anySpoolFileIsReadAndOnlyWhatIsDamagedIsLost");
  }
}
