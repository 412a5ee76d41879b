package io.proofofplay.runner.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.relay.Standstill;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When systemd is told that the relay lives, and when it is not. */
@Timeout(30)
final class WatchdogTest {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Standstill STUCK =
      new Standstill(
          "pop-chores",
          "stands still",
          List.of(
              new StackTraceElement("a.Lock", "take", "L", 7),
              new StackTraceElement("a.Books", "add", "B", 9)));

  private final ManualTime time = ManualTime.flowing();
  private final LogLines lines = LogLines.of(Watchdog.class.getName());
  private boolean starting;
  private boolean over;
  private Optional<Standstill> standstill = Optional.empty();
  private Optional<String> deaf = Optional.empty();
  private Optional<Error> broken = Optional.empty();
  private Optional<Error> blind = Optional.empty();
  private int told;

  private final Watchdog watchdog =
      new Watchdog(
          PATIENCE,
          () -> {
            if (broken.isPresent()) {
              throw broken.get();
            }
            if (deaf.isPresent()) {
              throw new IOException(deaf.get());
            }
            told++;
          },
          new Watchdog.Life() {
            @Override
            public boolean isStarting() {
              return starting;
            }

            @Override
            public boolean isOver() {
              return over;
            }

            @Override
            public Optional<Standstill> standstill() {
              if (blind.isPresent()) {
                throw blind.get();
              }
              return standstill;
            }
          },
          time);

  @AfterEach
  void stopListening() {
    lines.close();
  }

  /** How often it is told in a span of time. */
  private int toldWithin(Duration span) {
    int before = told;
    Duration end = time.elapsed().plus(span);
    while (time.elapsed().compareTo(end) < 0) {
      time.advance(Duration.ofNanos(watchdog.runOnce()));
    }
    return told - before;
  }

  @Test
  void whileTheLoopsMoveItIsToldTwiceInTheTimeThatItWaits() {
    assertThat(toldWithin(Duration.ofHours(1))).isEqualTo(12);
    assertThat(lines.at(Level.SEVERE)).isEmpty();
  }

  @Test
  void whileALoopStandsStillItIsNotToldAndTheLogSaysWhereThatIs() {
    standstill = Optional.of(STUCK);
    assertThat(toldWithin(PATIENCE)).isZero();
    assertThat(lines.at(Level.SEVERE))
        .singleElement()
        .asString()
        .contains(
            "pop-chores stands still, in a.Lock.take(L:7) < a.Books.add(B:9);", "within 600 s");
  }

  @Test
  void aStandstillThatPassesCostsNoRestart() {
    standstill = Optional.of(STUCK);
    // Half of the time was over when it was noticed.
    toldWithin(PATIENCE.dividedBy(3));
    standstill = Optional.empty();
    assertThat(watchdog.runOnce()).isEqualTo(PATIENCE.dividedBy(2).toNanos());
    assertThat(told).isEqualTo(1);

    standstill = Optional.of(STUCK);
    assertThat(watchdog.runOnce()).isLessThan(PATIENCE.dividedBy(10).toNanos());
    assertThat(lines.at(Level.SEVERE)).as("said anew").hasSize(2);
  }

  @Test
  void aStartOverALargeBacklogIsNotTakenForAHang() {
    starting = true;
    assertThat(toldWithin(Watchdog.LONGEST_START)).isEqualTo(12);
  }

  @Test
  void aStartThatDoesNotEndIsOne() {
    starting = true;
    toldWithin(Watchdog.LONGEST_START.plusMinutes(1));
    assertThat(toldWithin(PATIENCE)).isZero();
    assertThat(lines.at(Level.SEVERE))
        .singleElement()
        .asString()
        .contains(Thread.currentThread().getName(), "has been starting the relay for 60 min");
  }

  @Test
  void aRelayThatStopsIsNotSpokenForAnyMore() {
    over = true;
    assertThat(toldWithin(PATIENCE)).isZero();
  }

  @Test
  void thatItCannotBeToldIsSaidOnceAndTriedAgain() {
    deaf = Optional.of("Cannot run program \"systemd-notify\"");
    toldWithin(PATIENCE);
    assertThat(lines.at(Level.SEVERE))
        .singleElement()
        .asString()
        .contains("Cannot run program", "every 600 s", "WatchdogSec=0");

    deaf = Optional.empty();
    assertThat(watchdog.runOnce()).isEqualTo(PATIENCE.dividedBy(2).toNanos());
    assertThat(told).isEqualTo(1);
  }

  @Test
  void aFaultOfTheWayToSystemdEndsNoWatch() {
    broken = Optional.of(new NoClassDefFoundError("a jar was replaced"));
    toldWithin(PATIENCE);
    assertThat(lines.at(Level.SEVERE)).singleElement().asString().contains("a jar was replaced");

    broken = Optional.empty();
    watchdog.runOnce();
    assertThat(told).isEqualTo(1);
  }

  @Test
  void aFaultOfTheLookEndsNoWatchAndIsSaidOnce() {
    blind = Optional.of(new NoClassDefFoundError("Spans"));
    assertThat(toldWithin(PATIENCE.dividedBy(3))).isZero();
    assertThat(lines.at(Level.SEVERE))
        .singleElement()
        .asString()
        .contains("it cannot be seen whether", "NoClassDefFoundError: Spans", "within 600 s");

    blind = Optional.empty();
    assertThat(watchdog.runOnce()).isEqualTo(PATIENCE.dividedBy(2).toNanos());
    assertThat(told).isEqualTo(1);

    blind = Optional.of(new NoClassDefFoundError("Spans"));
    watchdog.runOnce();
    assertThat(lines.at(Level.SEVERE)).as("said anew").hasSize(2);
  }

  /** Words may need memory, and there may be none. */
  @Test
  void aFaultThatCannotEvenBeSaidEndsNoWatch() {
    blind = Optional.of(new UnsayableError());
    assertThat(toldWithin(PATIENCE.dividedBy(3))).isZero();

    blind = Optional.empty();
    watchdog.runOnce();
    assertThat(told).isEqualTo(1);
  }

  /** Cannot be put into words. */
  private static final class UnsayableError extends Error {

    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/run/systemd/notify, 600000000, 42, PT10M",
    "@abstract, 2000000, , PT2S",
    ", 600000000, 42,",
    "/run/systemd/notify, , 42,",
    "/run/systemd/notify, 0, 42,",
    "/run/systemd/notify, soon, 42,",
    "/run/systemd/notify, 99999999999999999999, 42,",
    "/run/systemd/notify, 600000000, 41,",
  })
  void itIsWantedOnlyFromTheProcessThatSystemdMeans(
      String socket, String micros, String pid, Duration patience) {
    Map<String, String> environment = new HashMap<>();
    environment.put("NOTIFY_SOCKET", socket);
    environment.put("WATCHDOG_USEC", micros);
    environment.put("WATCHDOG_PID", pid);
    environment.values().removeIf(value -> value == null);
    assertThat(Watchdog.patience(environment, 42)).isEqualTo(Optional.ofNullable(patience));
  }
}
