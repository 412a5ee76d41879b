package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FloorTest {

  @Test
  void itStaysWhenItHasDrainedSoThatItCanBeMeasured(@TempDir Path directory) throws Exception {
    Path folder = directory.resolve("backend");
    Backlog.leave(folder, 1500, Scenario.BATCH);
    Arrivals arrivals = new Arrivals(1, null);
    try (CountingBackend backend = new CountingBackend(arrivals);
        Subject floor = new Subject(floor(backend.port(), folder), directory)) {
      Patience patience = new Patience("all to arrive");
      while (arrivals.mark().count() < 1500 || holdsAny(folder)) {
        floor.check();
        patience.pause();
      }

      assertThat(floor.cpuSeconds()).isPositive();
      assertThat(arrivals.changed()).isZero();
      floor.stop();
    }
  }

  private static boolean holdsAny(Path folder) {
    String[] files = folder.toFile().list();
    return files == null || files.length > 0;
  }

  private static String home(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  private static ProcessBuilder floor(int port, Path folder) {
    return new ProcessBuilder(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-cp",
            home(Floor.class) + File.pathSeparator + home(JsonFactory.class),
            Floor.class.getName(),
            "drain",
            Integer.toString(Scenario.BATCH),
            "0",
            Integer.toString(port),
            folder.toString()));
  }
}
