package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A thousand sources in a process of their own, which is small. */
final class ManySourcesTest {

  private static final int SOURCES = 1000;
  private static final int EVENTS = 50;

  @Test
  void aThousandSourcesFitIntoAHeapOfThirtyTwoMebibytes() throws Exception {
    byte[] events =
        ("{\"uuid\":\"" + "x".repeat(200) + "\"}\n")
            .repeat(EVENTS)
            .getBytes(StandardCharsets.US_ASCII);
    AtomicInteger introduced = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(SOURCES);
    try (FakePlayer player =
        new FakePlayer(
            c -> {
              c.introduce();
              introduced.incrementAndGet();
              all.countDown();
              all.await();
              c.say(events);
              c.listen();
            })) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx32m",
                  "-Xss256k",
                  "-XX:+UseSerialGC",
                  "-XX:+ExitOnOutOfMemoryError",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Sources.class.getName(),
                  String.valueOf(player.port()))
              .redirectErrorStream(true)
              .start();
      String said;
      try {
        said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      } finally {
        process.destroyForcibly();
      }

      assertThat(said.strip()).isEqualTo(SOURCES * EVENTS + " events, all ended");
      assertThat(introduced).hasValue(SOURCES);
    }
  }

  /** The process. */
  static final class Sources {

    private Sources() {}

    public static void main(String[] args) throws InterruptedException {
      // The window is extra, see its setting: whoever has a thousand sources chooses a small one.
      InfoBeamerConfig config =
          new InfoBeamerConfig(
              null, Integer.parseInt(args[0]), null, null, null, null, null, null, 0);
      CountDownLatch missing = new CountDownLatch(SOURCES * EVENTS);
      Intake counting = new Counting(missing);
      List<RunningSource> sources = new ArrayList<>();
      for (int i = 0; i < SOURCES; i++) {
        sources.add(
            new RunningSource(
                new InfoBeamerSource(config, new SourceContext("s" + i, TimeSource.system())),
                counting));
      }
      boolean heard = missing.await(40, TimeUnit.SECONDS);
      sources.forEach(source -> source.source().close());
      sources.forEach(RunningSource::awaitEnd);
      System.out.println(
          (SOURCES * EVENTS - missing.getCount()) + " events" + (heard ? ", all ended" : ""));
    }
  }

  private record Counting(CountDownLatch missing) implements Intake {

    @Override
    public Answer offer(List<PopEvent> events) {
      events.forEach(event -> missing.countDown());
      return Answer.ACCEPTED;
    }

    @Override
    public Answer giveUp(List<PopEvent> events) {
      return Answer.ACCEPTED;
    }

    @Override
    public void refuse(RefusedLine line) {}

    @Override
    public void connected(String sender) {}

    @Override
    public void disconnected(String reason) {}
  }
}
