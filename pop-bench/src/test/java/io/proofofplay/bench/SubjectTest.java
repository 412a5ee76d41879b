package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SubjectTest {

  @TempDir private Path directory;

  private Subject shell(String script) throws IOException {
    return new Subject(new ProcessBuilder("/bin/sh", "-c", script), directory);
  }

  private static void awaitEnd(Subject subject) {
    Patience patience = new Patience("its end");
    assertThatThrownBy(
            () -> {
              while (true) {
                subject.check();
                patience.pause();
              }
            })
        .hasMessageContaining("ended with 3")
        .hasMessageContaining("what is wrong");
  }

  @Test
  void aProcessThatHasEndedTellsItsCodeAndWhatItSaid() throws IOException {
    try (Subject subject = shell("echo what is wrong; exit 3")) {
      awaitEnd(subject);
      assertThatThrownBy(subject::cpuSeconds).hasMessageContaining("ended with 3");
      assertThatThrownBy(subject::peakMiB).hasMessageContaining("ended with 3");
      assertThatThrownBy(subject::stop).hasMessageContaining("ended with 3");
    }
  }

  @Test
  void aProcessThatEndsAsItWasAskedToIsFine() throws Exception {
    try (Subject subject = shell("exec cat")) {
      assertThat(subject.peakMiB()).isPositive();
      assertThat(subject.cpuSeconds()).isNotNegative();
      subject.stop();
    }
  }

  /** However long what started it took: the log has the wall clock. */
  @Test
  void whatWasAllocatedIsThatBetweenTheTwoMoments() throws Exception {
    try (Subject subject = shell("exec cat")) {
      long from = System.nanoTime();
      long wall = System.currentTimeMillis();
      long to = from + 10_000_000_000L;
      String line = "[%dms] GC(%d) DefNew: %dK(9000K)->0K(9000K)%n";
      Files.writeString(
          directory.resolve("gc.log"),
          line.formatted(wall - 5000, 0, 8000)
              + line.formatted(wall + 5000, 1, 3)
              + line.formatted(wall + 15_000, 2, 8000));

      assertThat(subject.allocated(from, to)).isEqualTo(3 * 1024.0);
    }
    assertThat(Subject.gcOption()).contains(":timemillis:");
  }
}
