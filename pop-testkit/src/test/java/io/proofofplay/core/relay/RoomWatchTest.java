package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When and with what a disk that takes no events is tried. */
class RoomWatchTest {

  private final ManualTime time = ManualTime.standing();
  private final RoomWatch watch = new RoomWatch(time);
  private final List<Integer> tried = new ArrayList<>();
  private boolean room;

  private boolean couldKeep(int bytes) {
    tried.add(bytes);
    return room;
  }

  private void refuse() {
    watch.refused(100);
  }

  /** Seconds until the room that is there is found, looked for in each. */
  private int secondsToFind() {
    room = true;
    int seconds = 0;
    while (!watch.finds(this::couldKeep)) {
      assertThat(seconds).as("seconds without a find").isLessThan(2000);
      time.advance(Duration.ofSeconds(1));
      seconds++;
    }
    return seconds;
  }

  @Test
  void aDiskThatTakesEventsIsNotTried() {
    time.advance(Duration.ofHours(1));
    assertThat(watch.finds(this::couldKeep)).isFalse();
    refuse();
    watch.kept();
    time.advance(Duration.ofHours(1));
    assertThat(watch.finds(this::couldKeep)).isFalse();
    assertThat(tried).isEmpty();
  }

  @Test
  void aFullDiskIsTriedEveryFiveSeconds() {
    refuse();
    for (int i = 0; i < 60; i++) {
      time.advance(Duration.ofSeconds(1));
      assertThat(watch.finds(this::couldKeep)).isFalse();
    }
    assertThat(tried).hasSize(12);
  }

  @Test
  void roomIsFoundOnce() {
    refuse();
    assertThat(secondsToFind()).isEqualTo(5);
    time.advance(Duration.ofHours(1));
    assertThat(watch.finds(this::couldKeep)).isFalse();
    assertThat(tried).hasSize(1);
  }

  @Test
  void whatIsTriedIsWhatWasRefusedLastWithinBounds() {
    watch.refused(900_000);
    watch.refused(11_000);
    time.advance(Duration.ofMinutes(1));
    watch.finds(this::couldKeep);
    refuse();
    time.advance(Duration.ofMinutes(1));
    watch.finds(this::couldKeep);
    watch.refused(1_800_000);
    time.advance(Duration.ofMinutes(1));
    watch.finds(this::couldKeep);

    assertThat(tried).containsExactly(11_000, 4096, 1 << 20);
  }

  @Test
  void aFindThatIsProvenWrongAgainAndAgainIsMadeEverMoreSeldom() {
    refuse();
    List<Integer> pauses = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      pauses.add(secondsToFind());
      refuse();
    }
    assertThat(pauses).containsExactly(5, 10, 20, 40, 80, 160, 320, 600, 600, 600);

    watch.kept();
    refuse();
    assertThat(secondsToFind()).as("after an event that was kept").isEqualTo(5);
  }

  @Test
  void aDiskThatStaysFullIsNotTriedMoreSeldom() {
    refuse();
    for (int i = 0; i < 100; i++) {
      time.advance(Duration.ofSeconds(5));
      assertThat(watch.finds(this::couldKeep)).isFalse();
      refuse();
    }
    assertThat(tried).hasSize(100);
  }

  @Test
  void anEventThatIsRefusedMeanwhileKnowsBetter() {
    refuse();
    time.advance(Duration.ofMinutes(1));
    boolean found =
        watch.finds(
            bytes -> {
              refuse();
              return true;
            });
    assertThat(found).isFalse();
    assertThat(secondsToFind()).as("so that the next look comes in time").isEqualTo(5);
  }

  @Test
  void anEventThatIsKeptMeanwhileNeedsNoLook() {
    refuse();
    time.advance(Duration.ofMinutes(1));
    boolean found =
        watch.finds(
            bytes -> {
              watch.kept();
              return true;
            });
    assertThat(found).isFalse();
  }
}
