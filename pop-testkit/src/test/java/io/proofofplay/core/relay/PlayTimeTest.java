package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times of plays that cannot be right. */
class PlayTimeTest {

  private static PopEvent playedAt(String ts) {
    return PopEvent.of("{\"uuid\":\"u\",\"ts\":" + ts + "}");
  }

  @ParameterizedTest(name = "ts {0} while this device has {1}: {2}")
  @CsvSource({
    "1772366400.25, 2026-03-01T12:00:00Z, false",
    "1772366400, 2026-03-02T11:59:00Z, false",
    "1772366400, 2026-03-02T12:01:00Z, true",
    "1772366400, 2026-02-28T11:59:00Z, true",
    "12.5, 2026-03-01T12:00:00Z, true",
    "12.5, 1970-01-01T00:00:12Z, true",
    "-5, 1970-01-01T00:00:12Z, true",
    "1772366400, 1970-01-01T00:00:12Z, false",
    "1e300, 1970-01-01T00:00:12Z, true",
    "1.7723664E+9, 2026-03-01T12:00:00Z, false",
    "null, 2026-03-01T12:00:00Z, false",
    "'\"12\"', 2026-03-01T12:00:00Z, false",
  })
  void aTimeIsImplausibleBeforeAnyPlayOrFarFromAClockThatMayBeRight(
      String ts, Instant now, boolean implausible) {
    assertThat(PlayTime.isImplausible(playedAt(ts), now)).isEqualTo(implausible);
  }

  @Test
  void implausibleTimesAreCountedAndTheirEventsDeliveredAsTheyWereSent() {
    ManualTime time = ManualTime.flowing();
    ScriptedSubmitter backend = new ScriptedSubmitter(time);
    VirtualRelay relay =
        new VirtualRelay(time, new MemoryStorage(time), Sink.named("billing", backend));
    List<PopEvent> events =
        List.of(
            playedAt("3.5"), Events.number(1), playedAt("4e9"), PopEvent.of("{\"uuid\":\"x\"}"));
    relay.play(events);
    relay.drain("billing", Duration.ofMinutes(1));
    SourceStats stats = relay.intake("player").stats();
    assertThat(stats.accepted()).isEqualTo(4);
    assertThat(stats.implausible()).isEqualTo(2);
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(events);
  }
}
