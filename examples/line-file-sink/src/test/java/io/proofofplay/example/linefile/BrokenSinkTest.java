package io.proofofplay.example.linefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.testkit.SubmitterContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The contract finds the sink that one would write first. */
class BrokenSinkTest {

  @Test
  void aSinkThatJustAppendsBreaksOnlyTheRuleOnWhatIsLeftBehind() {
    Events tests =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(JustAppends.class))
            .execute()
            .testEvents();

    assertThat(tests.failed().stream().map(event -> event.getTestDescriptor().getUniqueId()))
        .isNotEmpty()
        .allMatch(test -> test.toString().contains("su8_") && test.toString().contains("#3"));
    assertThat(tests.succeeded().count()).isGreaterThan(10);
  }

  static class JustAppends implements SubmitterContract {

    @TempDir Path home;

    @Override
    public Destination destination() throws IOException {
      return new FileDestination(Files.createTempDirectory(home, "destination")) {
        @Override
        Submitter submitter(Path target, LineFileSubmitter.Disk disk) {
          return new JustAppending(target, disk);
        }
      };
    }
  }

  /** Right as long as the disk is. */
  private static final class JustAppending implements Submitter {

    private final Path file;
    private final LineFileSubmitter.Disk disk;
    private volatile boolean closed;

    JustAppending(Path file, LineFileSubmitter.Disk disk) {
      this.file = file;
      this.disk = disk;
    }

    @Override
    public SubmitResult submit(Batch batch, Attempt attempt) {
      if (closed) {
        return Later.because("closed");
      }
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        for (PopEvent event : batch.events()) {
          ByteBuffer line = ByteBuffer.allocate(event.length() + 1);
          line.put(event.bytes()).put((byte) '\n').flip();
          disk.append(channel, line);
        }
        channel.force(true);
        return new Delivered(Reason.of("appended"));
      } catch (IOException e) {
        return Later.because(file + ": " + e);
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
