package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.Sink;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A day without a backend that a thousand sources all depend on. The time is virtual and the disk
 * is in memory; the engine, its threads and the spool are the real ones.
 */
@Tag("long")
@Timeout(120)
final class ThousandSourcesTest {

  private static final int SOURCES = 1000;

  /** The hours of the outage; each source plays once in each. */
  private static final int HOURS = 24;

  /** Each source has one of these parts of every hour to play in. */
  private static final int PARTS = 12;

  private static final Duration PART = Duration.ofHours(1).dividedBy(PARTS);

  private static final int ALL = SOURCES * HOURS;

  /** The sink's, the chores' and the watch. */
  private static final int THREADS = 3;

  /** The backend is looked for once a minute by then, and the drain starts gently. */
  private static final Duration LONGEST_DRAIN = Duration.ofMinutes(30);

  private final ManualTime time = ManualTime.standing();
  private final Backend backend = new Backend();

  /** Only the lock is here. */
  @TempDir private Path directory;

  private FaultyDisk disk = new FaultyDisk();
  private Relay relay;
  private int accepted;

  @Test
  void aDayOfOutageAWrongClockARestartAndAPowerCutCostAThousandSourcesNothing() throws Exception {
    try (TallyRun run =
        TallyRun.of(
            "ThousandSourcesTest.aDayOfOutageAWrongClockARestartAndAPowerCutCostAThousandSourcesNothing",
            "a virtual day of 1,000 sources without a backend")) {
      start();
      try {
        playHours(0, 5);
        time.jumpWall(Duration.between(time.now(), Instant.EPOCH));
        playHours(5, 10);

        relay.stop(Duration.ZERO);
        start();
        playHours(10, 14);
        time.jumpWall(Duration.between(time.now(), ManualTime.START.plus(time.elapsed())));
        playHours(14, 18);

        FaultyDisk left = disk.afterPowerCut(18);
        relay.stop(Duration.ZERO);
        disk = left;
        start();
        playHours(18, 21);
        time.jumpWall(Duration.ofHours(-1));
        playHours(21, HOURS);
        expectAllToWait();

        backend.isBack = true;
        drain();
      } finally {
        relay.stop(Duration.ZERO);
        run.round(6);
        run.events(accepted, accepted - backend.taken(), backend.strange);
      }
      expectEveryEventOnceInTheOrderOfItsSource();
      run.held();
    }
  }

  private void start() throws IOException {
    relay =
        Relay.builder()
            .time(time)
            .storage(new FileStorage(Path.of("/spool"), time, disk, DirectoryLock.take(directory)))
            .sink(
                Sink.named("billing", backend)
                    .withBatch(new BatchPolicy(500, ByteSize.ofKiB(512), Duration.ofSeconds(10))))
            .build();
    relay.start();
    // What an earlier life kept is in the books of this one.
    assertThat(billing().recovered()).isEqualTo(accepted);
  }

  /** Every source plays once in each hour, in its own part of it. */
  private void playHours(int from, int behind) throws InterruptedException {
    for (int hour = from; hour < behind; hour++) {
      int asked = backend.asked;
      for (int part = 0; part < PARTS; part++) {
        for (int source = part; source < SOURCES; source += PARTS) {
          PopEvent event = Events.number(source * HOURS + hour);
          assertThat(relay.intake("player-" + source).offer(List.of(event)))
              .as("hour %s of source %s", hour, source)
              .isEqualTo(Intake.Answer.ACCEPTED);
          accepted++;
        }
        time.awaitWaiting(THREADS);
        time.advance(PART);
      }
      assertThat(backend.asked).as("attempts by the end of hour %s", hour).isGreaterThan(asked);
    }
    RelayStats stats = relay.stats();
    assertThat(stats.imbalance()).isZero();
    assertThat(stats.sources()).hasSize(SOURCES);
  }

  private void expectAllToWait() {
    assertThat(accepted).isEqualTo(ALL);
    assertThat(billing().waiting()).isEqualTo(ALL);
    assertThat(backend.taken()).isZero();
    // With the pauses of an outage, of up to a minute each.
    assertThat(backend.asked).isLessThan(HOURS * 60);
  }

  private void drain() throws InterruptedException {
    Duration end = time.elapsed().plus(LONGEST_DRAIN);
    while (billing().waiting() > 0) {
      assertThat(time.elapsed()).as("still waiting: %s", billing()).isLessThan(end);
      time.awaitWaiting(THREADS);
      time.advance(Duration.ofSeconds(1));
    }
  }

  private void expectEveryEventOnceInTheOrderOfItsSource() throws IOException {
    assertThat(backend.strange).as("invented, repeated or out of order").isZero();
    assertThat(backend.next).as("events taken of each source").containsOnly(HOURS);
    SinkStats books = billing();
    assertThat(books.imbalance()).isZero();
    assertThat(books.delivered()).isEqualTo(ALL);
    assertThat(books.recovered() + books.accepted()).isEqualTo(ALL);
    assertThat(books.dead() + books.droppedInAll()).isZero();
  }

  private SinkStats billing() {
    return relay.stats().sinks().get("billing");
  }

  /** Takes nothing until it is back, and then knows which event of each source must come next. */
  private static final class Backend implements Submitter {

    private final int[] next = new int[SOURCES];
    private volatile boolean isBack;
    private volatile int asked;
    private volatile int strange;

    @Override
    // By the sink's thread alone.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public SubmitResult submit(Batch batch, Attempt attempt) {
      if (!isBack) {
        asked++;
        return Later.because("away");
      }
      synchronized (next) {
        for (PopEvent event : batch.events()) {
          int number = Integer.parseInt(event.uuid().substring(24), 16);
          int source = number / HOURS;
          if (number % HOURS == next[source] && event.equals(Events.number(number))) {
            next[source]++;
          } else {
            strange++;
          }
        }
      }
      return new Delivered(Reason.of("answered 200"));
    }

    int taken() {
      synchronized (next) {
        return Arrays.stream(next).sum();
      }
    }

    @Override
    public void close() {}
  }
}
