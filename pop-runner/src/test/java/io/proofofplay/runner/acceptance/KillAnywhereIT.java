package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.Ops.Account;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed at some moment of everything that it does, again and again on one spool,
 * with two sinks of which one is dead most of the time.
 *
 * <p>What was accepted is known in two ways, and the daemon need not be believed: from what {@link
 * Evidence} finds delivered and on disk, and from {@code /metrics}, which is asked again and again
 * until the kill: all that the last answer counted as accepted must be there, for each sink.
 *
 * <p>A kill is what ended by the signal. A daemon that was told to end and had ended before it
 * could be killed is held to what a stop in good order promises, and brought there again.
 */
class KillAnywhereIT {

  private static final int LARGEST_BATCH = 100;
  private static final int POISON_EVERY = 40;

  /** The longest from telling it to end to the kill, at first; it may have ended by then. */
  private static final int STOP_MILLIS = 120;

  /** So often at most it may have ended before the kill, until it is killed in time. */
  private static final int MOST_STOPS = 15;

  private static final String[] SINKS = {"billing", "audit"};

  /** What the daemon is about when it is killed. */
  private enum Moment {
    /** Events flow to both sinks. */
    FLOW,
    /** Nobody takes events; they pile up. */
    OUTAGE,
    /** Between the first line of the log and the first event, with what the outage left. */
    RECOVERY,
    /** What piled up goes out. */
    DRAIN,
    /** Events are found to be bad, one after the other. */
    DEAD_LETTERS,
    /** Told to end, and not yet ended. */
    STOP,
    /** Somewhere between the start of the process and its first event. */
    START
  }

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
  private final Random random = new Random(7);
  private final Map<String, Evidence> evidence = new TreeMap<>();
  private final Map<Moment, Integer> kills = new TreeMap<>();

  /** How often it had ended in good order before it could be killed. */
  private int stops;

  /** The longest that a start took so far, from the process to the first line of the log. */
  private Duration start = Duration.ofMillis(600);

  private int largestRestKiB;

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void killedAtAnyMomentEveryAcceptedEventArrivesAtBothSinks() throws Exception {
    for (String sink : SINKS) {
      evidence.put(sink, new Evidence(player, books(sink), spool(sink)));
    }
    int rounds = Effort.killsAnywhere();
    Moment[] moments = Moment.values();
    try (TallyRun run =
        TallyRun.of(
                "KillAnywhereIT.killedAtAnyMomentEveryAcceptedEventArrivesAtBothSinks",
                "kill -9 in any state, two sinks, one of them dead; each event counts for each")
            .accepted(() -> sum(sink -> evidence.get(sink).accepted()))
            .known(this::known)
            .lost(() -> sum(sink -> evidence.get(sink).lost()))
            .repeated(() -> sum(sink -> books(sink).repeats()))) {
      for (int round = 0; round < rounds; round++) {
        kill(round, moments[round % moments.length]);
        run.round(1);
      }
      drain();
      run.held();
    }
    System.out.printf(
        "KillAnywhereIT: %d kills %s, and %d stops that came before the kill:"
            + " %d events, %d accepted by two sinks (%d of them"
            + " known to be before a kill), %d lost, %d repeated, at most %d by one sink after one kill;"
            + " resident at most %.1f MiB%n",
        rounds,
        kills,
        stops,
        evidence.get(SINKS[0]).accepted(),
        sum(sink -> evidence.get(sink).accepted()),
        known(),
        sum(sink -> evidence.get(sink).lost()),
        sum(sink -> books(sink).repeats()),
        Arrays.stream(SINKS).mapToInt(sink -> books(sink).mostRepeatsAfterAKill()).max().orElse(0),
        largestRestKiB / 1024.0);
  }

  private Books books(String sink) {
    return backend.books("/" + sink);
  }

  /** What /metrics had told before all ends, for both sinks together. */
  private long known() {
    return Arrays.stream(SINKS).mapToLong(sink -> evidence.get(sink).known()).sum();
  }

  private static long sum(ToIntFunction<String> ofSink) {
    return Arrays.stream(SINKS).mapToInt(ofSink).sum();
  }

  /** Brings it to a moment and kills it there, as often as it takes until it is killed. */
  private void kill(int round, Moment moment) throws IOException {
    int millis = STOP_MILLIS;
    for (int stopsOfIt = 0;
        !isKilled("round " + round + ", " + moment, moment, millis);
        millis /= 2) {
      stops++;
      stopsOfIt++;
      assertThat(stopsOfIt).as("round %d: stops before the kill", round).isLessThan(MOST_STOPS);
    }
    kills.merge(moment, 1, Integer::sum);
  }

  /**
   * One life of the daemon.
   *
   * @param millis when it is told to end, the kill comes within so long; 0 is at once
   * @return whether it was killed; else it has ended in good order before
   */
  private boolean isKilled(String when, Moment moment, int millis) throws IOException {
    PackagedPop.End end;
    prepare(moment);
    evidence.values().forEach(Evidence::beforeStart);
    Map<String, Account> last = new TreeMap<>();
    AtomicLong accepted = new AtomicLong();
    try (PackagedPop daemon = start()) {
      Ops ops = new Ops(daemon);
      reach(moment, daemon, ops);
      ops.metrics()
          .ifPresent(
              samples -> {
                accepted.set(Ops.accepted(samples));
                for (String sink : SINKS) {
                  last.put(sink, Account.of(samples, sink));
                }
              });
      if (moment == Moment.STOP) {
        daemon.signal("TERM");
        passing(millis == 0 ? 0 : random.nextInt(millis));
      } else {
        Optional<Integer> resident = daemon.peakKiBIfAlive();
        largestRestKiB = Math.max(largestRestKiB, resident.orElse(0));
      }
      end = daemon.killUnlessEnded();
    }
    if (end.isByKill()) {
      backend.senderWasKilled();
    } else {
      // Nobody else has told it to end.
      assertThat(moment)
          .as("%s: ended with %d: %s", when, end.code(), end.err())
          .isEqualTo(Moment.STOP);
      assertThat(end.code()).as("%s: %s", when, end.err()).isZero();
      backend.senderHasStopped();
    }
    for (String sink : SINKS) {
      // What /metrics had counted is there, and what comes again is what was in flight.
      evidence.get(sink).look(when + ", " + sink, accepted.get());
      assertThat(books(sink).mostRepeatsAfterAKill())
          .as("%s, %s: events that came again after one kill", when, sink)
          .isLessThanOrEqualTo(LARGEST_BATCH);
      Account said = last.get(sink);
      if (said != null) {
        assertThat(said.balances()).as("%s, %s: the books %s", when, sink, said).isTrue();
      }
    }
    return end.isByKill();
  }

  /** How the world is before the daemon is started. */
  private void prepare(Moment moment) {
    player.hold();
    switch (moment) {
      case FLOW, START -> {
        backend.follow(KillAnywhereIT::oneSinkIsDead);
        player.playOn();
      }
      case STOP -> {
        backend.follow(request -> Answer.TAKEN);
        player.playOn();
      }
      case OUTAGE, DRAIN -> {
        backend.follow(request -> Answer.BUSY);
        player.play(1_000 + random.nextInt(2_000));
      }
      case RECOVERY -> backend.follow(request -> Answer.TAKEN);
      case DEAD_LETTERS -> {
        backend.follow(KillAnywhereIT::refusingPoison);
        player.play(2_000);
      }
    }
  }

  private void reach(Moment moment, PackagedPop daemon, Ops ops) throws IOException {
    long began = System.nanoTime();
    switch (moment) {
      case START -> passing(random.nextInt((int) start.toMillis() * 2));
      case RECOVERY -> {
        daemon.awaitLog("runs pop.yaml");
        start = Duration.ofNanos(System.nanoTime() - began);
        passing(random.nextInt((int) start.toMillis() * 2));
      }
      case FLOW, STOP -> awaitTaken(daemon, ops, 1 + random.nextInt(3_000));
      case OUTAGE -> awaitTaken(daemon, ops, 1 + random.nextInt(1_000));
      case DRAIN -> {
        awaitTaken(daemon, ops, 1_000);
        int arrived = books("billing").distinct();
        backend.follow(request -> Answer.TAKEN);
        int more = 1 + random.nextInt(800);
        Await.until("a drain", daemon::story, () -> books("billing").distinct() > arrived + more);
      }
      case DEAD_LETTERS -> {
        int more = 1 + random.nextInt(5);
        Await.until(
            more + " dead letters",
            daemon::story,
            () ->
                ops.metrics()
                    .map(samples -> Account.of(samples, "billing").dead() >= more)
                    .orElse(false));
      }
    }
  }

  private static void awaitTaken(PackagedPop daemon, Ops ops, int events) {
    Await.until(
        events + " accepted events",
        daemon::story,
        () ->
            ops.metrics()
                .map(samples -> Account.of(samples, "billing").taken() >= events)
                .orElse(false));
  }

  /** Some moment: nothing happens at it that could be waited for. */
  private static void passing(int millis) {
    long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    Await.until("a moment", () -> "", () -> System.nanoTime() - until >= 0);
  }

  private static Answer oneSinkIsDead(FaultyBackend.Request request) {
    return request.path().equals("/audit") ? Answer.BUSY : Answer.TAKEN;
  }

  private static Answer refusingPoison(FaultyBackend.Request request) {
    for (byte[] event : request.events()) {
      if (Play.of(event).number() % POISON_EVERY == POISON_EVERY / 2) {
        return Answer.of(422, "no such asset");
      }
    }
    return Answer.TAKEN;
  }

  private void drain() throws IOException {
    player.hold();
    backend.follow(request -> Answer.TAKEN);
    evidence.values().forEach(Evidence::beforeStart);
    try (PackagedPop daemon = start()) {
      Ops ops = new Ops(daemon);
      for (String sink : SINKS) {
        // A daemon that has just begun tells of nothing yet, and its files do. Once it tells of
        // something they come and go faster than so many can be read.
        Await.theEndOf(
            "what waits for " + sink,
            daemon::story,
            () -> {
              long told = ops.account(sink).waiting();
              return told > 0 ? told : spool(sink).waiting().size();
            });
        assertThat(ops.account(sink).balances()).as("%s", ops.account(sink)).isTrue();
      }
      PackagedPop.End end = daemon.stop();
      assertThat(end.code()).as(end.err()).isZero();
    }
    for (String sink : SINKS) {
      evidence.get(sink).drained();
      assertThat(books(sink).mostRepeatsAfterAKill())
          .as("%s: events that came again after one kill", sink)
          .isLessThanOrEqualTo(LARGEST_BATCH);
    }
  }

  private PackagedPop start() throws IOException {
    StringBuilder yaml = new StringBuilder(Ops.LISTEN);
    yaml.append("sources:\n  lobby: {type: infobeamer, port: ").append(player.port()).append("}\n");
    yaml.append("sinks:\n");
    for (String sink : SINKS) {
      yaml.append("  ").append(sink).append(":\n    type: http\n    url: ");
      yaml.append(backend.url("/" + sink)).append('\n');
      yaml.append("    batch: {maxEvents: ").append(LARGEST_BATCH).append(", minInterval: 20ms}\n");
      yaml.append("    retry: {initial: 20ms, max: 200ms}\n");
    }
    return PackagedPop.run(directory, yaml.toString());
  }

  private SpoolOnDisk spool(String sink) {
    return new SpoolOnDisk(directory.resolve("spool"), sink);
  }
}
