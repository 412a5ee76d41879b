package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class GcLogTest {

  @Test
  void whatWasAllocatedIsWhatWasAddedBetweenTwoCollections() {
    List<String> lines =
        List.of(
            "[100ms] GC(0) DefNew: 2048K(2432K)->256K(2432K) Eden: 2048K(2176K)->0K(2176K)",
            "[100ms] GC(0) Tenured: 0K(5504K)->500K(5504K)",
            "[200ms] GC(1) DefNew: 2304K(2432K)->128K(2432K) Eden: 2048K(2176K)->0K(2176K)",
            "[200ms] GC(1) Tenured: 600K(5504K)->700K(5504K)",
            "[300ms] GC(2) DefNew: 2128K(2432K)->64K(2432K) Eden: 2000K(2176K)->0K(2176K)",
            "[300ms] GC(2) Tenured: 700K(5504K)->700K(5504K)");

    // Between the first and the last: 2048 and 100 directly among the old, then 2000.
    assertThat(GcLog.allocated(lines, 100, 300)).isEqualTo((2048 + 100 + 2000) * 1024.0);
    assertThat(GcLog.allocated(lines, 200, 250)).isZero();
  }
}
