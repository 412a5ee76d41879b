package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class FloorTest {

  @ParameterizedTest
  @ValueSource(strings = {Floor.DRAIN, Floor.DRAIN_AND_KEEP})
  void itStaysWhenItHasDrainedSoThatItCanBeMeasured(String mode, @TempDir Path directory)
      throws Exception {
    Path folder = directory.resolve("backend");
    Backlog.leave(folder, 1500, Scenario.BATCH);
    Arrivals arrivals = new Arrivals(1, null);
    try (CountingBackend backend = new CountingBackend(arrivals);
        Subject floor = new Subject(floor(mode, 0, backend.port(), folder, 1), directory)) {
      Patience patience = new Patience("all to arrive");
      while (arrivals.mark().count() < 1500 || holdsAny(folder)) {
        floor.check();
        patience.pause();
      }

      assertThat(floor.cpuSeconds()).isPositive();
      assertThat(arrivals.changed()).isZero();
      assertThat(directory.resolve("delivered.log"))
          .hasSize(mode.equals(Floor.DRAIN) ? 0 : 1500L * Play.BRIEF_LENGTH);
      floor.stop();
    }
  }

  @ParameterizedTest
  @CsvSource({"1,write-ahead", "1,on-failure", "5,write-ahead", "5,on-failure"})
  void ofEachPlayerAllArrivesInOrder(int sources, String mode, @TempDir Path directory)
      throws Exception {
    Path folder = directory.resolve("backend");
    Arrivals arrivals = new Arrivals(sources, null);
    try (LoadingPlayer player = new LoadingPlayer();
        CountingBackend backend = new CountingBackend(arrivals);
        Subject floor =
            new Subject(floor(mode, player.port(), backend.port(), folder, sources), directory)) {
      player.await(sources, Long.MAX_VALUE, floor::check);
      player.say(0, 1500, 7, () -> Long.MAX_VALUE);
      Patience patience = new Patience("all to arrive");
      while (arrivals.mark().count() < 1500L * sources) {
        floor.check();
        patience.pause();
      }

      assertThat(arrivals.changed()).isZero();
      assertThat(arrivals.reordered()).isZero();
      assertThat(arrivals.repeated()).isZero();
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

  private static ProcessBuilder floor(
      String mode, int playerPort, int backendPort, Path folder, int sources) {
    return new ProcessBuilder(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-cp",
            home(Floor.class) + File.pathSeparator + home(JsonFactory.class),
            Floor.class.getName(),
            mode,
            Integer.toString(Scenario.BATCH),
            Integer.toString(playerPort),
            Integer.toString(backendPort),
            folder.toString(),
            Integer.toString(sources)));
  }
}
