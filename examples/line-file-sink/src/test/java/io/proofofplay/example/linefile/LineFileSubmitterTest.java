package io.proofofplay.example.linefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.SubmitterContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineFileSubmitterTest implements SubmitterContract {

  @TempDir Path home;

  @Override
  public Destination destination() throws IOException {
    return new FileDestination(Files.createTempDirectory(home, "destination"));
  }

  @Test
  void theHalfLineOfAKilledProcessIsCutOff() throws Exception {
    Path file = home.resolve("plays.ndjson");
    Files.writeString(file, "{\"uuid\":\"whole\"}\n{\"uuid\":\"ha");
    Batch batch = new Batch(BatchId.of("life", 0), Events.numbered(1));

    try (Submitter submitter = new LineFileSubmitter(file)) {
      SubmitResult result = submitter.submit(batch, new Attempt(Duration.ofSeconds(1), 1));
      assertThat(result).isInstanceOf(Delivered.class);
    }

    assertThat(Files.readString(file))
        .isEqualTo("{\"uuid\":\"whole\"}\n" + Events.number(0).json() + "\n");
  }

  @Test
  void theDaemonFindsItsType() {
    SubmitterProvider<?> found =
        ServiceLoader.load(SubmitterProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.type().equals("line-file"))
            .findFirst()
            .orElseThrow();

    assertThat(found).isInstanceOf(LineFileProvider.class);
    assertThat(found.configType()).isEqualTo(LineFileConfig.class);
  }

  @Test
  void itsProviderMakesASubmitterToTheFileOfTheSettings() throws Exception {
    Path file = home.resolve("made.ndjson");
    Batch batch = new Batch(BatchId.of("life", 0), Events.numbered(2));
    SinkContext context = new SinkContext("archive", TimeSource.system(), "1");

    try (Submitter made = new LineFileProvider().create(new LineFileConfig(file), context)) {
      SubmitResult result = made.submit(batch, new Attempt(Duration.ofSeconds(1), 2));
      assertThat(result).isInstanceOf(Delivered.class);
    }

    assertThat(Files.readAllLines(file))
        .containsExactly(Events.number(0).json(), Events.number(1).json());
  }
}
