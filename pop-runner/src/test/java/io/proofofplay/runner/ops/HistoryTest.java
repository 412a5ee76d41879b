package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HistoryTest {

  private final ManualTime time = ManualTime.standing();
  private final Map<String, SinkStats> sinks = new HashMap<>();
  private final History history =
      new History(time, () -> new RelayStats(RelayState.RUNNING, Map.of(), sinks, 0, 0));

  private void waiting(long events) {
    sinks.put("billing", Views.sink().waiting(events, Duration.ofSeconds(2 * events)).stats());
  }

  @Test
  void aPointTellsHowItWasAndHowLongAgo() {
    waiting(5);
    history.runOnce();
    time.advance(Duration.ofMinutes(1));
    waiting(9);
    history.runOnce();
    time.advance(Duration.ofSeconds(30));
    assertThat(history.points().get("billing"))
        .containsExactly(new History.Point(90, 5, 10), new History.Point(30, 9, 18));
  }

  @Test
  void aDayIsKeptAndNoMore() {
    for (int i = 0; i < History.MOST + 100; i++) {
      waiting(i);
      history.runOnce();
      time.advance(History.EVERY);
    }
    List<History.Point> points = history.points().get("billing");
    assertThat(points).hasSize(History.MOST);
    assertThat(points.get(0)).isEqualTo(new History.Point(86_400, 100, 200));
    assertThat(points.get(History.MOST - 1).waiting()).isEqualTo(History.MOST + 99);
  }

  @Test
  void aWallClockThatIsSetMovesNoPoint() {
    waiting(5);
    history.runOnce();
    time.jumpWall(Duration.ofDays(20_000));
    assertThat(history.points().get("billing")).containsExactly(new History.Point(0, 5, 10));
  }

  @Test
  void aSinkThatIsNoMoreIsForgotten() {
    waiting(5);
    history.runOnce();
    sinks.clear();
    history.runOnce();
    assertThat(history.points()).isEmpty();
  }

  @Test
  void itLooksOnceAMinuteAndEndsWhenItIsClosed() throws Exception {
    waiting(1);
    Thread thread = new Thread(history);
    thread.start();
    time.awaitWaiting(1);
    assertThat(history.points().get("billing")).hasSize(1);
    time.advance(Duration.ofSeconds(59));
    time.awaitWaiting(1);
    assertThat(history.points().get("billing")).hasSize(1);
    time.advance(Duration.ofSeconds(1));
    time.awaitWaiting(1);
    while (history.points().get("billing").size() < 2) {
      Thread.onSpinWait();
    }
    history.close();
    thread.join();
  }
}
