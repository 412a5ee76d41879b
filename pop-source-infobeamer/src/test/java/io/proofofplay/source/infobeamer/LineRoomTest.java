package io.proofofplay.source.infobeamer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LineRoomTest {

  private static final int ALL = 3_000_000;
  private static final int LIMIT = 1_000_000;
  private static final String LONG = "{\"uuid\":\"" + "x".repeat(500_000) + "\"}";
  private static final String E1 = "{\"uuid\":\"1\"}";

  private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  private final LineRoom room = new LineRoom(ALL, warnings::add);
  private final VirtualTime time = new VirtualTime();
  private final StoryIntake intake = new StoryIntake();

  private LineRoom.Turn turn(long bytes) {
    return room.turn("lobby", bytes, time, () -> false, () -> false);
  }

  private LineFramer framer(TimeSource clocks) {
    return new LineFramer(
        LIMIT, new Crowd(), room.turn("lobby", 2 * LIMIT, clocks, () -> false, () -> false));
  }

  @Test
  void asManyAsThereIsRoomForHaveSomeAndOneThatNeedsMoreThanAllHasItAlone() {
    LineRoom.Turn first = turn(ALL / 2);
    LineRoom.Turn second = turn(ALL / 2);
    LineRoom.Turn third = turn(1);
    LineRoom.Turn whale = turn(10 * ALL);

    assertThat(first.take()).isTrue();
    assertThat(first.take()).as("it has it").isTrue();
    assertThat(second.take()).isTrue();
    assertThat(third.take()).isFalse();
    first.end();
    first.end();
    assertThat(third.take()).isTrue();
    assertThat(whale.take()).isFalse();
    second.end();
    third.end();
    assertThat(whale.take()).isTrue();
    whale.end();
    assertThat(room.taken()).isZero();
  }

  @Test
  void whoFindsNoneWaitsForSoLongAndNoLonger() {
    assertThat(turn(ALL).take()).isTrue();
    LineRoom.Turn late = turn(1);
    long began = time.nanos();

    assertThat(late.take()).isFalse();
    assertThat(Duration.ofNanos(time.nanos() - began)).isEqualTo(LineRoom.LONGEST_WAIT);
    assertThat(Duration.ofNanos(late.waited())).isEqualTo(LineRoom.LONGEST_WAIT);
    assertThat(late.waited()).isZero();
  }

  /** Forty players that drip, of which three have room at a time, keep each other for 133 s. */
  @Test
  void whoJoinsALongQueueWaitsForAllWhoAreBeforeItToDrip() {
    assertThat(LineRoom.longestWait(0, 3)).isEqualTo(LineRoom.LONGEST_WAIT);
    assertThat(LineRoom.longestWait(37, 3)).isGreaterThan(Duration.ofSeconds(133));
    assertThat(LineRoom.longestWait(40, 1)).isGreaterThan(LineRoom.PATIENCE.multipliedBy(41));
  }

  @Test
  void aLongWaitIsToldOfOnceAMinuteWithWhoWaitsForWhatAndWhatHelps() {
    assertThat(turn(ALL).take()).isTrue();
    assertThat(turn(1).take()).isFalse();

    assertThat(warnings)
        .containsExactly(
            "source lobby: has waited for 10s for memory for a long line and reads nothing"
                + " meanwhile, because long lines of other sources take all of 2 MiB and do not"
                + " come to their end; more heap has room for more (POP_JAVA_OPTS=-Xmx128m)",
            "source lobby: has waited for 70s for memory for a long line and reads nothing"
                + " meanwhile, because long lines of other sources take all of 2 MiB and do not"
                + " come to their end; more heap has room for more (POP_JAVA_OPTS=-Xmx128m)");
    // Whoever waits next, and for how long.
    assertThat(over(Duration.ofSeconds(9)).take()).isFalse();
    assertThat(turn(1).take()).isFalse();
    assertThat(warnings).hasSize(4);
  }

  @Test
  void aShortWaitIsNotWorthAWord() {
    assertThat(turn(ALL).take()).isTrue();
    assertThat(over(LineRoom.LONG_WAIT.minusNanos(1)).take()).isFalse();

    assertThat(warnings).isEmpty();
  }

  /** One that is over after so long, however long it would wait. */
  private LineRoom.Turn over(Duration after) {
    long began = time.nanos();
    return room.turn(
        "lobby", LIMIT, time, () -> false, () -> time.nanos() - began >= after.toNanos());
  }

  @Test
  void whoWaitsForALineThatIsBeingOfferedWaitsAsLongAsItsOwnOfferWould() {
    LineRoom.Turn holder = turn(ALL);
    assertThat(holder.take()).isTrue();
    holder.offered();
    LineRoom.Turn late = over(Duration.ofHours(1));
    assertThat(late.take()).isFalse();
    assertThat(Duration.ofNanos(late.waited())).isGreaterThanOrEqualTo(Duration.ofHours(1));
    assertThat(warnings).hasSize(60);
    assertThat(warnings.get(0)).contains("1 of them wait for the disk or for room in a spool;");

    holder.end();
    assertThat(holder.take()).as("for its next line").isTrue();
    LineRoom.Turn next = over(Duration.ofHours(1));
    assertThat(next.take()).isFalse();
    assertThat(Duration.ofNanos(next.waited())).isEqualTo(LineRoom.LONGEST_WAIT);
  }

  @Test
  void roomIsHadInTheOrderOfComingAlsoByOneThatNeedsMore() throws Exception {
    ManualTime clocks = ManualTime.standing();
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    LineRoom.Turn first = room.turn("lobby", ALL, clocks, () -> false, () -> false);
    assertThat(first.take()).isTrue();
    CompletableFuture<Void> large = takes("large", ALL, clocks, order);
    clocks.awaitWaiting(1);
    CompletableFuture<Void> small = takes("small", 1, clocks, order);
    clocks.awaitWaiting(2);
    first.end();
    large.get();
    small.get();

    assertThat(order).containsExactly("large", "small");
  }

  private CompletableFuture<Void> takes(
      String name, long bytes, TimeSource clocks, List<String> order) {
    LineRoom.Turn turn = room.turn("lobby", bytes, clocks, () -> false, () -> false);
    return CompletableFuture.runAsync(
        () -> {
          assertThat(turn.take()).isTrue();
          order.add(name);
          turn.end();
        },
        task -> new Thread(task).start());
  }

  @Test
  void aConnectionThatIsToEndWaitsOnForALineThatStandsStillAndNotForLong() {
    assertThat(turn(ALL).take()).isTrue();
    LineRoom.Turn late = room.turn("lobby", 1, time, () -> true, () -> false);
    long began = time.nanos();

    assertThat(late.take()).isFalse();
    assertThat(Duration.ofNanos(time.nanos() - began))
        .isEqualTo(LineRoom.LAST_WAIT)
        .isGreaterThan(LineRoom.SILENCE);
  }

  @Test
  void aConnectionThatIsToEndWaitsNoLongerForALineThatIsBeingOffered() {
    LineRoom.Turn holder = turn(ALL);
    assertThat(holder.take()).isTrue();
    holder.offered();
    LineRoom.Turn late = room.turn("lobby", 1, time, () -> true, () -> false);

    assertThat(late.take()).isFalse();
    assertThat(Duration.ofNanos(late.waited())).isEqualTo(LineRoom.LAST_WAIT);
  }

  @Test
  void theWaitIsOverAtOnceWhenNobodyTakesTheLineAnyMore() throws Exception {
    ManualTime clocks = ManualTime.standing();
    AtomicBoolean isOver = new AtomicBoolean();
    assertThat(turn(ALL).take()).isTrue();
    LineRoom.Turn late = room.turn("lobby", 1, clocks, isOver::get, isOver::get);
    CompletableFuture<Boolean> found =
        CompletableFuture.supplyAsync(late::take, task -> new Thread(task).start());
    clocks.awaitWaiting(1);
    isOver.set(true);
    room.look();

    assertThat(found.get()).isFalse();
  }

  @Test
  void anInterruptEndsTheWaitAndStays() {
    assertThat(turn(ALL).take()).isTrue();
    Thread.currentThread().interrupt();

    assertThat(turn(1).take()).isFalse();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(turn(0).take()).as("nobody waits any more").isTrue();
  }

  @Test
  void aLineThatDoesNotEndLosesItsRoomOnceAnotherWaitsAndNotBefore() throws Exception {
    ManualTime clocks = ManualTime.standing();
    LineFramer stalled = framer(clocks);
    Pieces half = new Pieces("x".repeat(50_000).getBytes(UTF_8), () -> 9000);
    while (stalled.fill(half, 0, 0) > 0) {
      assertThat(stalled.next()).isFalse();
    }
    assertThat(stalled.capacity()).isGreaterThan(50_000);
    clocks.advance(Duration.ofDays(1));
    assertThat(stalled.fill(half, 0, 0)).isEqualTo(-1);
    assertThat(stalled.isSkipping()).as("nobody waits").isFalse();

    LineRoom.Turn late = room.turn("lobby", 2 * LIMIT, clocks, () -> false, () -> false);
    CompletableFuture<Boolean> found =
        CompletableFuture.supplyAsync(late::take, task -> new Thread(task).start());
    clocks.awaitWaiting(1);
    assertThat(stalled.fill(half, 0, 0)).isEqualTo(-1);

    assertThat(stalled.isSkipping()).isTrue();
    assertThat(stalled.capacity()).isEqualTo(LineFramer.SMALLEST_BUFFER);
    assertThat(found.get()).isTrue();
    assertThat(room.taken()).isEqualTo(2 * LIMIT);
    assertThat(stalled.finish()).isTrue();
    assertThat(stalled.tooLong().length()).isEqualTo(50_000);
    assertThat(stalled.tooLong().offset()).isZero();
  }

  @Test
  void aLineThatComesOnHasLongerThanOneThatStandsStillAndNotForEver() throws Exception {
    ManualTime clocks = ManualTime.standing();
    LineFramer slow = framer(clocks);
    Pieces drops = new Pieces("x".repeat(90_000).getBytes(UTF_8), () -> 500);
    while (slow.buffered() < 20_000) {
      assertThat(slow.fill(drops, 0, 0)).isPositive();
      assertThat(slow.next()).isFalse();
    }
    LineRoom.Turn late = room.turn("lobby", 2 * LIMIT, clocks, () -> false, () -> false);
    CompletableFuture<Boolean> found =
        CompletableFuture.supplyAsync(late::take, task -> new Thread(task).start());
    clocks.awaitWaiting(1);
    Duration step = LineRoom.SILENCE.minusNanos(1);
    for (Duration left = LineRoom.PATIENCE; left.compareTo(step) > 0; left = left.minus(step)) {
      clocks.advance(step);
      assertThat(slow.fill(drops, 0, 0)).isPositive();
      assertThat(slow.next()).isFalse();
      assertThat(slow.isSkipping()).as("it comes on").isFalse();
    }
    clocks.advance(step);
    assertThat(slow.fill(drops, 0, 0)).isPositive();

    assertThat(slow.isSkipping()).as("it has had its time").isTrue();
    assertThat(found.get()).isTrue();
  }

  @Test
  void aLineForWhichThereIsNoRoomIsToldLikeOneThatIsTooLongAndTheNextOneIsTaken()
      throws IOException {
    assertThat(turn(ALL).take()).isTrue();
    LineFramer framer = framer(time);
    byte[] bytes = ("a\n" + LONG + "\n" + E1 + "\n").getBytes(UTF_8);
    Pieces pieces = new Pieces(bytes, () -> 9000);
    List<String> lines = new ArrayList<>();
    while (framer.fill(pieces, 0, 0) >= 0) {
      while (framer.next()) {
        lines.add(
            framer.tooLong() == null
                ? new String(framer.array(), framer.offset(), framer.length(), UTF_8)
                : "too long " + framer.tooLong().offset() + " " + framer.tooLong().length());
      }
      assertThat(framer.capacity()).isLessThanOrEqualTo(2 * LineFramer.SMALLEST_BUFFER);
    }

    assertThat(lines).containsExactly("a", "too long 2 " + LONG.length(), E1);
  }

  @Test
  void theRoomOfALineIsGivenBackBeforeTheNextReadHoweverMuchMoreThereIs() throws IOException {
    LineFramer framer = framer(time);
    byte[] bytes = (LONG + "\n" + (E1 + "\n").repeat(1000)).getBytes(UTF_8);
    Pieces pieces = new Pieces(bytes, () -> 9000);
    while (!framer.next()) {
      assertThat(framer.fill(pieces, 0, 0)).isPositive();
    }
    assertThat(framer.length()).isEqualTo(LONG.length());
    assertThat(room.taken()).isEqualTo(2 * LIMIT);
    while (framer.next()) {
      // Takes what came with it.
    }
    assertThat(framer.fill(pieces, 0, 0)).isPositive();

    assertThat(room.taken()).isZero();
    assertThat(framer.capacity()).isEqualTo(LineFramer.SMALLEST_BUFFER);
  }

  @Test
  void whatGathersNeedsNoRoomOfOthers() throws IOException {
    assertThat(turn(ALL).take()).isTrue();
    LineFramer framer = framer(time);
    Pieces pieces = new Pieces((E1 + "\n").repeat(10_000).getBytes(UTF_8), () -> 9000);
    while (framer.buffered() < 60_000) {
      assertThat(framer.fill(pieces, 0, 60_000)).isPositive();
    }
    int lines = 0;
    while (framer.next()) {
      assertThat(framer.tooLong()).isNull();
      lines++;
    }

    assertThat(lines).isGreaterThan(4_000);
    assertThat(time.waits()).isEmpty();
  }

  // With a session around it

  @Test
  void aLongLineThatHadArrivedIsTakenThoughItWaitsForRoomWhenItsConnectionIsToEnd()
      throws Exception {
    ManualTime clocks = ManualTime.flowing();
    LineRoom.Turn others = turn(ALL);
    assertThat(others.take()).isTrue();
    clocks.after(LineRoom.SILENCE, others::end);
    ScriptedConnection player = ScriptedConnection.introduced(time);
    player.then(player::leave).says(LONG + "\n");
    new PlayerSession(
            "lobby",
            config(null),
            clocks,
            player,
            intake,
            new Presence(intake),
            new RepeatWindow(0),
            room,
            Lookout.PROCESS)
        .run();

    assertThat(intake.json()).containsExactly(LONG);
    assertThat(intake.refused()).isEmpty();
  }

  private Ending hear(InfoBeamerConfig config, Intake by, ScriptedConnection connection)
      throws InterruptedException {
    return new PlayerSession(
            "lobby",
            config,
            time,
            connection,
            by,
            new Presence(by),
            new RepeatWindow(0),
            room,
            Lookout.PROCESS)
        .run();
  }

  private static InfoBeamerConfig config(Duration idle) {
    return new InfoBeamerConfig(
        null, null, null, null, null, null, idle, new ByteSize(LIMIT), null);
  }

  @Test
  void aLongEventIsTakenWholeWhileItsRoomIsHeldAndThenThereIsRoomAgain() throws Exception {
    List<Long> taken = new ArrayList<>();
    intake.duringOffers(() -> taken.add(room.taken()));
    hear(
        config(null),
        intake,
        ScriptedConnection.introduced(time)
            .says(LONG + "\n")
            .waits(Duration.ofSeconds(1))
            .then(() -> taken.add(room.taken())));

    assertThat(intake.json()).containsExactly(LONG);
    assertThat(taken).hasSize(2).satisfies(each -> assertThat(each.get(0)).isPositive());
    assertThat(taken.get(1)).isZero();
  }

  @Test
  void theOfferOfALongEventIsWaitedForAndNoLongerThanItLasts() throws Exception {
    List<Duration> waits = new ArrayList<>();
    Runnable waiting =
        () -> {
          LineRoom.Turn late = over(Duration.ofMinutes(10));
          assertThat(late.take()).isFalse();
          waits.add(Duration.ofNanos(late.waited()));
        };
    intake.duringOffers(waiting);
    hear(
        config(Duration.ofDays(1)),
        intake,
        ScriptedConnection.introduced(time)
            .says(LONG + "\n")
            .then(() -> intake.duringOffers(() -> {}))
            .says(LONG)
            .waits(Duration.ofSeconds(1))
            .then(waiting));

    assertThat(waits)
        .satisfiesExactly(
            each -> assertThat(each).isGreaterThanOrEqualTo(Duration.ofMinutes(10)),
            each -> assertThat(each).isEqualTo(LineRoom.LONGEST_WAIT));
  }

  @Test
  void anEventThatIsNoLargerThanWhatIsGatheredHasGivenItsRoomBackWhenItIsOffered()
      throws Exception {
    String medium = "{\"uuid\":\"" + "x".repeat(60_000) + "\"}";
    List<Long> taken = new ArrayList<>();
    intake.duringOffers(() -> taken.add(room.taken()));
    ScriptedConnection player =
        ScriptedConnection.introduced(time)
            .says(medium)
            .waits(Duration.ofSeconds(1))
            .then(() -> taken.add(room.taken()))
            .says("\n")
            .waits(Duration.ofSeconds(1));
    for (int i = 0; i < 5_000; i++) {
      Crowd.PROCESS.enter();
    }
    try {
      hear(config(null), intake, player.then(() -> taken.add(room.taken())));
    } finally {
      for (int i = 0; i < 5_000; i++) {
        Crowd.PROCESS.leave();
      }
    }

    assertThat(intake.json()).containsExactly(medium);
    assertThat(taken).hasSize(3).satisfies(each -> assertThat(each.get(0)).isPositive());
    assertThat(taken.subList(1, 3)).containsOnly(0L);
  }

  @Test
  void aSessionThatEndsInAnyWayGivesItsRoomBack() throws Exception {
    hear(config(null), intake, ScriptedConnection.introduced(time).says("x".repeat(500_000)));
    assertThat(room.taken()).isZero();

    intake.duringOffers(
        () -> {
          throw new IllegalStateException("a bug");
        });
    assertThatThrownBy(
            () -> hear(config(null), intake, ScriptedConnection.introduced(time).says(LONG + "\n")))
        .hasMessage("a bug");
    assertThat(room.taken()).isZero();
  }

  @Test
  void theWaitForRoomIsNoSilenceOfThePlayer() throws Exception {
    assertThat(turn(ALL).take()).isTrue();
    hear(
        config(LineRoom.LONGEST_WAIT.dividedBy(2)),
        intake,
        ScriptedConnection.introduced(time)
            .says(LONG)
            .waits(Duration.ofSeconds(1))
            .says("\n" + E1 + "\n"));

    assertThat(intake.json()).containsExactly(E1);
    assertThat(intake.refusals()).singleElement().asString().startsWith("too-long");
  }

  @Test
  void asLongAHeaderAsIsTakenNeedsRoomTooAndTheWaitForItIsBoundLikeThatForItsBytes()
      throws Exception {
    assertThat(turn(ALL).take()).isTrue();
    long began = time.nanos();
    Ending ending =
        hear(
            config(null),
            intake,
            new ScriptedConnection(time)
                .says(ScriptedConnection.BANNER)
                .says("ok!\n{\"pop\":\"")
                .waits(Duration.ofSeconds(1))
                .says("x".repeat(20_000) + "\"}\n"));

    assertThat(ending.outcome()).isEqualTo(Ending.Outcome.FAILED);
    assertThat(ending.reason()).contains("there was no memory in time");
    assertThat(Duration.ofNanos(time.nanos() - began))
        .isEqualTo(InfoBeamerConfig.defaults().headerTimeout());
    assertThat(room.taken()).isEqualTo(ALL);
  }
}
