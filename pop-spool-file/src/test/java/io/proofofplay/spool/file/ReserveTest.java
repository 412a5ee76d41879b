package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The room that is kept for a full disk, and what is said when there is none. */
class ReserveTest {

  private static final Path FILE = Spools.FOLDER.resolve(Reserve.NAME);

  private final FaultyDisk disk = new FaultyDisk();
  private final ManualTime time = ManualTime.standing();

  private Reserve reserve() throws IOException {
    disk.createDirectories(Spools.FOLDER);
    return new Reserve(disk, Spools.FOLDER, time, 1000);
  }

  @Test
  void aReserveThatCannotBeMadeIsSaidOnceAndMadeLater() throws IOException {
    try (Said said = Said.listen()) {
      Reserve reserve = reserve();
      disk.leaveRoom(10);
      reserve.prepare();
      for (int i = 0; i < 5; i++) {
        time.advance(Duration.ofMinutes(2));
        assertThat(reserve.isOwed()).as("events are taken without it").isFalse();
      }
      assertThat(said.linesWith(FILE.toString()))
          .singleElement()
          .asString()
          .startsWith("WARNING")
          .contains("No space left");

      disk.repair();
      assertThat(reserve.isOwed()).isFalse();
      assertThat(disk.files()).as("tried once a minute at most").isEmpty();
      time.advance(Duration.ofMinutes(2));
      assertThat(reserve.isOwed()).isFalse();

      assertThat(disk.bytes(FILE)).hasSize(1000);
      assertThat(said.linesWith(FILE.toString())).hasSize(2).last().asString().startsWith("INFO");
    }
  }

  @Test
  void aReserveThatWasGivenUpIsSaidAndSaidWhenItIsThereAgain() throws IOException {
    try (Said said = Said.listen()) {
      Reserve reserve = reserve();
      reserve.prepare();
      assertThat(said.linesWith(FILE.toString())).isEmpty();
      assertThat(reserve.release()).isTrue();
      disk.failAll(kind -> kind == Kind.WRITE, Fault.NO_SPACE);
      for (int i = 0; i < 5; i++) {
        time.advance(Duration.ofSeconds(2));
        assertThat(reserve.isOwed()).isTrue();
      }
      disk.repair();
      time.advance(Duration.ofSeconds(2));
      assertThat(reserve.isOwed()).isFalse();

      assertThat(said.linesWith(FILE.toString()))
          .hasSize(2)
          .satisfies(lines -> assertThat(lines.get(0)).startsWith("WARNING"))
          .satisfies(lines -> assertThat(lines.get(1)).startsWith("INFO"));
    }
  }
}
