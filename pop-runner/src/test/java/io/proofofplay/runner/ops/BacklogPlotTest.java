package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class BacklogPlotTest {

  private final ManualTime time = ManualTime.standing();
  private final Map<String, SinkStats> sinks = new HashMap<>();
  private final BacklogPlot plot =
      new BacklogPlot(time, () -> new RelayStats(RelayState.RUNNING, Map.of(), sinks, 0, 0));

  private void waiting(long events) {
    sinks.put("billing", Views.sink().waiting(events, Duration.ofSeconds(2 * events)).stats());
  }

  @Test
  void aPointTellsHowItWasAndHowLongAgo() {
    waiting(5);
    plot.runOnce();
    time.advance(Duration.ofMinutes(1));
    waiting(9);
    plot.runOnce();
    time.advance(Duration.ofSeconds(30));
    assertThat(plot.points().get("billing"))
        .containsExactly(new BacklogPlot.Point(90, 5, 10), new BacklogPlot.Point(30, 9, 18));
  }

  @Test
  void aDayIsKeptAndNoMore() {
    for (int i = 0; i < BacklogPlot.MOST + 100; i++) {
      waiting(i);
      plot.runOnce();
      time.advance(BacklogPlot.EVERY);
    }
    List<BacklogPlot.Point> points = plot.points().get("billing");
    assertThat(points).hasSize(BacklogPlot.MOST);
    assertThat(points.get(0)).isEqualTo(new BacklogPlot.Point(86_400, 100, 200));
    assertThat(points.get(BacklogPlot.MOST - 1).waiting()).isEqualTo(BacklogPlot.MOST + 99);
  }

  @Test
  void aWallClockThatIsSetMovesNoPoint() {
    waiting(5);
    plot.runOnce();
    time.jumpWall(Duration.ofDays(20_000));
    assertThat(plot.points().get("billing")).containsExactly(new BacklogPlot.Point(0, 5, 10));
  }

  @Test
  void aSinkThatIsNoMoreIsForgotten() {
    waiting(5);
    plot.runOnce();
    sinks.clear();
    plot.runOnce();
    assertThat(plot.points()).isEmpty();
  }

  @Test
  void itLooksOnceAMinuteAndEndsWhenItIsClosed() throws Exception {
    waiting(1);
    Thread thread = new Thread(plot);
    thread.start();
    time.awaitWaiting(1);
    assertThat(plot.points().get("billing")).hasSize(1);
    time.advance(Duration.ofSeconds(59));
    time.awaitWaiting(1);
    assertThat(plot.points().get("billing")).hasSize(1);
    time.advance(Duration.ofSeconds(1));
    time.awaitWaiting(1);
    // One who looked up just before the clock moved may go back to his wait for a glance.
    Await.until("the second point", () -> plot.points().get("billing").size() == 2);
    plot.close();
    thread.join();
  }
}
