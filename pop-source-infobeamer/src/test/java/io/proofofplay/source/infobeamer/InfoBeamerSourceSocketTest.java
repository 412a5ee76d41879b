package io.proofofplay.source.infobeamer;

import static io.proofofplay.source.infobeamer.FakePlayer.BANNER;
import static io.proofofplay.source.infobeamer.FakePlayer.HEADER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole source against players on real sockets. */
@Timeout(60)
@SuppressWarnings("try") // A source runs whether or not the test speaks to it.
final class InfoBeamerSourceSocketTest {

  private static final String E1 = "{\"uuid\":\"1\",\"ts\":1}";
  private static final String E2 = "{\"uuid\":\"2\",\"ts\":2}";

  private final StoryIntake intake = new StoryIntake();

  @Test
  void nothingIsSentAfterThePathAndNeitherDirectionIsClosed() throws Exception {
    AtomicBoolean silent = new AtomicBoolean();
    CountDownLatch looked = new CountDownLatch(1);
    try (FakePlayer player =
            new FakePlayer(
                c -> {
                  c.introduce().say(E1 + "\nbad\n" + E2 + "\n");
                  try {
                    intake.await(i -> i.json().size() == 2);
                    silent.set(c.isOpenAndSilent());
                  } finally {
                    looked.countDown();
                  }
                  c.listen();
                });
        RunningSource source = run(player)) {
      looked.await();
      source.close();

      assertThat(player.paths()).containsExactly("*raw/root/::pop");
    }

    assertThat(silent).isTrue();
    assertThat(intake.json()).containsExactly(E1, E2);
  }

  @Test
  void whatHasArrivedIsOfferedWhileThePlayerIsInTheMiddleOfALine() throws Exception {
    try (FakePlayer player = new FakePlayer(c -> c.introduce().say(E1 + "\n{\"uu").listen());
        RunningSource source = run(player)) {
      intake.await(i -> i.json().equals(List.of(E1)));

      assertThat(source.isAlive()).isTrue();
      assertThat(intake.refused()).isEmpty();
    }
  }

  @Test
  void aLineOfTenMegabytesIsRefusedOnceAndTheNextEventIsTaken() throws Exception {
    String line = "{\"uuid\":\"" + "x".repeat(10 << 20) + "\"}";
    try (FakePlayer player =
            new FakePlayer(c -> c.introduce().say(E1 + "\n" + line + "\n" + E2 + "\n").listen());
        RunningSource source = run(player)) {
      intake.await(i -> i.json().size() == 2);
    }

    int at = (BANNER + "ok!\n" + HEADER + E1 + "\n").length();
    assertThat(intake.refusals()).containsExactly("too-long " + at + " " + line.length());
    assertThat(intake.json()).containsExactly(E1, E2);
  }

  @Test
  void aPlayerThatRestartsOnItsPortIsFoundAgain() throws Exception {
    try (FakePlayer first = new FakePlayer(c -> c.introduce().say(E1 + "\n").listen());
        RunningSource source =
            RunningSource.of(InfoBeamerConfig.of("127.0.0.1", first.port()), intake)) {
      intake.await(i -> i.json().size() == 1);
      first.goAway();
      intake.await(i -> i.reasons().size() >= 2);
      try (FakePlayer second = first.successor(c -> c.introduce().say(E2 + "\n").listen())) {
        intake.await(i -> i.json().size() == 2);
        source.close();
      }
    }

    assertThat(intake.json()).containsExactly(E1, E2);
    assertThat(intake.reasons().get(1)).contains("no connection: refused");
  }

  @Test
  void aResetBeforeTheBannerAndOneAmongEventsAreSurvived() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (FakePlayer player =
            new FakePlayer(
                c -> {
                  switch (connections.getAndIncrement()) {
                    case 0 -> c.reset();
                    case 1 -> {
                      c.introduce().say(E1 + "\n");
                      try {
                        intake.await(i -> i.json().size() == 1);
                      } finally {
                        c.reset();
                      }
                    }
                    default -> c.introduce().say(E2 + "\n").listen();
                  }
                });
        RunningSource source = run(player)) {
      intake.await(i -> i.json().size() == 2);
    }

    assertThat(intake.json()).containsExactly(E1, E2);
  }

  @Test
  void aQuietPlayerIsConnectedAgain() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (FakePlayer player =
            new FakePlayer(
                c -> {
                  c.introduce();
                  if (connections.getAndIncrement() > 0) {
                    c.say(E1 + "\n");
                  }
                  c.listen();
                });
        RunningSource source =
            RunningSource.of(
                new InfoBeamerConfig(
                    null,
                    player.port(),
                    null,
                    null,
                    null,
                    null,
                    Duration.ofMillis(300),
                    null,
                    null),
                intake)) {
      intake.await(i -> !i.json().isEmpty());
    }

    assertThat(connections.get()).isGreaterThan(1);
    assertThat(intake.senders()).hasSize(1);
    assertThat(intake.reasons()).singleElement().asString().contains("the relay closed");
  }

  @Test
  void aFullIntakeDoesNotKeepThePlayerFromBeingRead() throws Exception {
    intake.answer(Intake.Answer.FULL);
    String many = (E1 + "\n").repeat(200_000);
    CountDownLatch said = new CountDownLatch(1);
    try (FakePlayer player =
            new FakePlayer(
                c -> {
                  c.introduce().say(many);
                  said.countDown();
                  c.listen();
                });
        RunningSource source = run(player)) {
      said.await();
      intake.await(i -> i.givenUp().stream().mapToInt(List::size).sum() == 200_000);
    }

    assertThat(intake.givenUp()).isEqualTo(intake.offers());
  }

  @Test
  void aClosedIntakeEndsTheRun() throws Exception {
    intake.answer(Intake.Answer.CLOSED);
    try (FakePlayer player = new FakePlayer(c -> c.introduce().say(E1 + "\n").listen());
        RunningSource source = run(player)) {
      source.awaitEnd();
    }
  }

  // close() in every state

  @Test
  void closingEndsAConnectThatHangs() throws Exception {
    try (FullServer server = new FullServer()) {
      InfoBeamerConfig config =
          new InfoBeamerConfig(
              null, server.port(), null, null, Duration.ofMinutes(1), null, null, null, null);
      RunningSource source = RunningSource.of(config, intake);
      source.awaitCallOf("connect");
      source.close();
    }

    assertThat(intake.story()).isEmpty();
  }

  @Test
  void closingEndsTheWaitForABanner() throws Exception {
    closesWhile(FakePlayer.Client::listen, player -> player.connections() == 1);
  }

  @Test
  void closingEndsTheWaitForAnAnswer() throws Exception {
    closesWhile(c -> c.say(BANNER).hear().listen(), player -> player.paths().size() == 1);
  }

  @Test
  void closingEndsTheWaitForAHeader() throws Exception {
    CountDownLatch said = new CountDownLatch(1);
    closesWhile(
        c -> {
          c.say(BANNER).hear().say("ok!\n");
          said.countDown();
          c.listen();
        },
        player -> said.getCount() == 0);
  }

  @Test
  void closingEndsTheWaitForALine() throws Exception {
    closesWhile(c -> c.introduce().listen(), player -> !intake.senders().isEmpty());
    assertThat(intake.story()).containsExactly("connected", "disconnected");
  }

  @Test
  void closingEndsTheWaitForTheRestOfALine() throws Exception {
    closesWhile(
        c -> c.introduce().say(E1 + "\n" + E2.substring(3)).listen(),
        player -> !intake.json().isEmpty());
  }

  @Test
  void closingEndsTheReadingOfAFlood() throws Exception {
    byte[] flood = (E1 + "\n").repeat(1000).getBytes(UTF_8);
    closesWhile(
        c -> {
          c.introduce();
          while (true) {
            c.say(flood);
          }
        },
        player -> intake.offers().size() > 10);
  }

  @Test
  void closingEndsTheWaitBeforeTheNextAttempt() throws Exception {
    closesWhile(
        c -> c.say(BANNER).hear().say("404\n").listen(), player -> !intake.reasons().isEmpty());
  }

  @Test
  void closingEndsTheWaitForAPlayerThatIsAway() throws Exception {
    // Nobody listens there: the port is reserved.
    RunningSource source = RunningSource.of(InfoBeamerConfig.of("127.0.0.1", 1), intake);
    intake.await(i -> i.reasons().size() >= 2);
    source.close();
  }

  @Test
  void closingDuringAnOfferEndsTheRunWithTheOffer() throws Exception {
    for (Intake.Answer answer : Intake.Answer.values()) {
      StoryIntake held = new StoryIntake();
      held.hold();
      try (FakePlayer player = new FakePlayer(c -> c.introduce().say(E1 + "\n").listen())) {
        RunningSource source =
            RunningSource.of(InfoBeamerConfig.of("127.0.0.1", player.port()), held);
        held.await(i -> i.offers().size() == 1);
        source.source().close();
        held.release(answer);
        source.awaitEnd();
      }
      assertThat(held.json()).containsExactly(E1);
      assertThat(held.givenUp()).hasSize(answer == Intake.Answer.FULL ? 1 : 0);
    }
  }

  @Test
  void whatHadArrivedWhenTheSourceWasClosedIsTakenAllTheSame() throws Exception {
    List<String> more =
        IntStream.range(0, 2_000).mapToObj(i -> "{\"uuid\":\"more" + i + "\"}").toList();
    byte[] all = (String.join("\n", more) + "\n").getBytes(UTF_8);
    CountDownLatch said = new CountDownLatch(1);
    intake.hold();
    try (FakePlayer player =
            new FakePlayer(
                c -> {
                  c.introduce().say(E1 + "\n");
                  intake.await(i -> i.offers().size() == 1);
                  c.say(all);
                  said.countDown();
                  c.listen();
                });
        RunningSource source = run(player)) {
      said.await();
      source.source().close();
      intake.release(Intake.Answer.ACCEPTED);
      source.awaitEnd();
    }

    assertThat(intake.json()).startsWith(E1).endsWith(more.toArray(String[]::new)).hasSize(2_001);
    assertThat(intake.story()).endsWith("disconnected");
  }

  @Test
  void aSourceThatWaitsForRoomForALongLineEndsAtOnceAndIsRemembered() throws Exception {
    OnlySignals clocks = new OnlySignals();
    LineRoom.Turn others =
        LineRoom.PROCESS.turn(
            "others", Runtime.getRuntime().maxMemory(), clocks, () -> false, () -> false);
    assertThat(others.take()).isTrue();
    String unended = "{\"uuid\":\"" + "x".repeat(300_000);
    try (FakePlayer player =
        new FakePlayer(c -> c.introduce().say(E1 + "\n" + E2 + "\n" + unended).listen())) {
      RunningSource source =
          new RunningSource(
              new InfoBeamerSource(
                  InfoBeamerConfig.of("127.0.0.1", player.port()),
                  new SourceContext("test", clocks)),
              intake);
      intake.await(i -> i.json().size() == 2);
      clocks.waiting.await();
      // As a relay that stops does it.
      intake.answer(Intake.Answer.CLOSED);
      source.close();
    } finally {
      others.end();
    }
    RepeatWindow next = new RepeatWindow(10);
    next.recall(intake.recall());

    assertThat(next.sift(List.of(PopEvent.of(E1), PopEvent.of(E2))).repeated()).isEqualTo(2);
  }

  @Test
  void aSourceStartsNoThread() throws Exception {
    Set<Thread> before = Set.copyOf(Thread.getAllStackTraces().keySet());
    try (FakePlayer player = new FakePlayer(c -> c.introduce().say(E1 + "\n").listen());
        RunningSource source = run(player)) {
      intake.await(i -> i.json().size() == 1);

      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> !before.contains(thread))
                  .map(Thread::getName)
                  .collect(Collectors.toSet()))
          .isSubsetOf("fake-player", "fake-player-client", "source-under-test");
    }
  }

  /** Clocks on which no wait ends by itself. */
  private static final class OnlySignals implements TimeSource {

    private final CountDownLatch waiting = new CountDownLatch(1);

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    // The loop around it is the caller's.
    @SuppressWarnings("WaitNotInLoop")
    public void await(Condition condition, long nanos) throws InterruptedException {
      waiting.countDown();
      condition.await();
    }
  }

  private interface State {
    boolean isReached(FakePlayer player);
  }

  /** Every wait but the one that is closed would take minutes. */
  private void closesWhile(FakePlayer.Script script, State state) throws Exception {
    try (FakePlayer player = new FakePlayer(script)) {
      RunningSource source =
          RunningSource.of(
              new InfoBeamerConfig(
                  null, player.port(), null, null, null, Duration.ofMinutes(10), null, null, 0),
              intake);
      long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (!state.isReached(player)) {
        Thread.onSpinWait();
        assertThat(source.isAlive()).isTrue();
        assertThat(System.nanoTime() - until).as("the state is not reached").isNegative();
      }
      source.close();
    }
  }

  private RunningSource run(FakePlayer player) {
    return RunningSource.of(
        new InfoBeamerConfig(null, player.port(), null, null, null, null, null, null, 0), intake);
  }
}
