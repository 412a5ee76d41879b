package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.relay.Relay;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A backend that is away for thirty days, in a process that has little memory. The time is virtual;
 * the engine, its threads and the disk are the real ones.
 */
final class LongOutageTest {

  private static final Duration OUTAGE = Duration.ofDays(30);
  private static final int EVENTS = 300_000;

  private static final Pattern DELIVERED = Pattern.compile("(\\d+) delivered in order");

  /** Played together, so that the disk is not forced three hundred thousand times. */
  private static final int AT_ONCE = 100;

  /** The sink's, the chores' and the watch. */
  private static final int THREADS = 3;

  /** The default; the long runs take another one as well. */
  static Stream<Durability> durabilities() {
    return Boolean.getBoolean("pop.torture")
        ? Stream.of(Durability.WRITE_AHEAD, Durability.INTERVAL)
        : Stream.of(Durability.WRITE_AHEAD);
  }

  @ParameterizedTest
  @MethodSource("durabilities")
  void thirtyDaysAndThreeHundredThousandEventsFitIntoAHeapOfThirtyTwoMebibytes(
      Durability durability, @TempDir Path directory) throws Exception {
    try (TallyRun run =
        TallyRun.of(
            "LongOutageTest.thirtyDaysAndThreeHundredThousandEventsFitIntoAHeapOfThirtyTwoMebibytes",
            "30 days of virtual time without a backend, heap 32 MiB")) {
      Path output = directory.resolve("said");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx32m",
                  "-XX:+UseSerialGC",
                  "-XX:+ExitOnOutOfMemoryError",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Month.class.getName(),
                  directory.resolve("spool").toString(),
                  durability.name())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in good time").isTrue();
      } finally {
        process.destroyForcibly();
      }
      String said = Files.readString(output);
      Matcher delivered = DELIVERED.matcher(said);
      run.round(1);
      run.events(EVENTS, EVENTS - (delivered.find() ? Long.parseLong(delivered.group(1)) : 0), 0);

      assertThat(said.strip())
          .endsWith(
              EVENTS
                  + " waited a month; "
                  + EVENTS
                  + " delivered in order, 0 twice; books off by 0");
      run.held();
    }
  }

  /** The process. */
  static final class Month {

    private Month() {}

    public static void main(String[] args) throws Exception {
      ManualTime time = ManualTime.standing();
      Backend backend = new Backend();
      Relay relay =
          Relay.builder()
              .time(time)
              .storage(FileStorage.open(Path.of(args[0]), time))
              .sink(
                  Sink.named("billing", backend)
                      .withBatch(new BatchPolicy(500, ByteSize.ofKiB(512), Duration.ofSeconds(10)))
                      .withSpool(
                          SpoolPolicy.defaults().withDurability(Durability.valueOf(args[1]))))
              .build();
      relay.start();
      try {
        live(relay, time, backend);
      } finally {
        relay.stop(Duration.ofSeconds(1));
      }
    }

    private static void live(Relay relay, ManualTime time, Backend backend) throws Exception {
      Intake intake = relay.intake("player");
      Duration step = OUTAGE.dividedBy(EVENTS / AT_ONCE);
      for (int i = 0; i < EVENTS; i += AT_ONCE) {
        if (intake.offer(Events.numbered(i, i + AT_ONCE)) != Intake.Answer.ACCEPTED) {
          System.out.println("event " + i + " was not accepted");
        }
        // Else a force of a moment would last hours of this clock.
        time.awaitWaiting(THREADS);
        time.advance(step);
      }
      time.awaitWaiting(THREADS);
      SinkStats away = relay.stats().sinks().get("billing");
      // Ages are never told too high, and within a sixtieth.
      Duration oldest = away.oldestWaiting().orElse(Duration.ZERO);
      boolean month = oldest.toDays() >= 29 && oldest.compareTo(OUTAGE) <= 0;
      String waited = month ? "a month" : oldest.toString();
      backend.isBack = true;
      long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (relay.stats().sinks().get("billing").waiting() > 0 && System.nanoTime() < until) {
        time.awaitWaiting(THREADS - 1);
        time.advance(Duration.ofMillis(100));
      }
      relay.stop(Duration.ofSeconds(1));
      System.out.printf(
          "%d waited %s; %d delivered in order, %d twice; books off by %d%n",
          away.waiting(), waited, backend.next, backend.strange, relay.stats().imbalance());
    }
  }

  /** Takes nothing until it is back, and then knows which event must come next. */
  private static final class Backend implements Submitter {

    private volatile boolean isBack;
    private volatile int next;
    private volatile int strange;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public SubmitResult submit(Batch batch, Attempt attempt) {
      if (!isBack) {
        return Later.because("away");
      }
      List<PopEvent> expected = Events.numbered(next, next + batch.size());
      if (batch.events().equals(expected)) {
        next += batch.size();
      } else {
        strange += batch.size();
      }
      return new Delivered(Reason.of("answered 200"));
    }

    @Override
    public void close() {}
  }
}
