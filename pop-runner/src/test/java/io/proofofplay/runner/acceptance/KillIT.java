package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is ended in the middle of its work, again and again, on one spool.
 *
 * <p>What was accepted is known to the daemon alone, and it is dead. So after each end the spool's
 * files are read before anybody touches them, and these things must hold for what is there and what
 * the backend has, together:
 *
 * <ul>
 *   <li>It is a beginning of what was sent on each connection, without a hole: an event that was
 *       accepted and lost would be one, since later ones came through.
 *   <li>It holds all that the daemon had counted as accepted the moment before, and all that it had
 *       read, save the last chunk, which it was about to keep: the process is frozen before it is
 *       killed, and what is not in the kernel's buffers any more, it had read.
 *   <li>When all is drained, the backend has exactly that: nothing of it was lost by the recovery,
 *       and nothing came to it.
 * </ul>
 */
class KillIT {

  private static final int LARGEST_BATCH = 200;

  /** The largest chunk, 448 KiB where a disk is slow, and one read, and the half line behind it. */
  static final long CHUNK_BYTES = 464 * 1024;

  /** How many events flow until an end, at most. */
  private static final int FLOW = 8_000;

  private static final Duration STOP = Duration.ofSeconds(5);

  /** None is later, not even the one that may be late. */
  private static final Duration LATEST = Duration.ofSeconds(7);

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> FaultyBackend.Answer.TAKEN);
  private final Books books = backend.books("/pop");
  private final Random random = new Random(42);

  @TempDir Path directory;
  private Evidence evidence;
  private long bytesInHand;

  @BeforeEach
  void open() {
    evidence = new Evidence(player, books, spool());
  }

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void killedInFullFlowAgainAndAgainEveryAcceptedEventArrives() throws Exception {
    int kills = Effort.kills();
    try (TallyRun run =
        tally("killedInFullFlowAgainAndAgainEveryAcceptedEventArrives", "kill -9 in full flow")) {
      for (int round = 0; round < kills; round++) {
        evidence.beforeStart();
        try (PackagedPop daemon = start()) {
          flow(round, daemon);
          long said = new Ops(daemon).metrics().map(Ops::accepted).orElse(0L);
          daemon.freeze();
          long read = player.surelyRead(round);
          daemon.kill();
          backend.senderWasKilled();
          run.round(1);
          keptWhatWasReadOrSaid(round, read, said);
        }
      }
      drain();

      assertThat(books.repeatedBatches()).isLessThanOrEqualTo(kills);
      assertThat(books.mostRepeatsAfterAKill())
          .as("events that came again after one kill")
          .isLessThanOrEqualTo(LARGEST_BATCH);
      run.held();
    }
    System.out.printf(
        "KillIT: %d kills: %d given to the kernel, %d accepted,"
            + " of which %d were known to be before a kill, %d delivered, %d lost, %d repeated in %d batches,"
            + " at most %d after one kill, at most %d bytes in hand at a kill, %d requests%n",
        kills,
        player.events(),
        evidence.accepted(),
        evidence.known(),
        books.distinct(),
        evidence.lost(),
        books.repeats(),
        books.repeatedBatches(),
        books.mostRepeatsAfterAKill(),
        bytesInHand,
        backend.requests());
  }

  @Test
  void stoppedInFullFlowNothingIsLostAndNothingIsSentTwice() throws Exception {
    int stops = Effort.stops();
    Duration longest = Duration.ZERO;
    int late = 0;
    try (TallyRun run =
        tally("stoppedInFullFlowNothingIsLostAndNothingIsSentTwice", "SIGTERM in full flow")) {
      for (int round = 0; round < stops; round++) {
        evidence.beforeStart();
        try (PackagedPop daemon = start()) {
          flow(round, daemon);
          long accepted = accepted(daemon);
          PackagedPop.End end = daemon.stop();
          run.round(1);
          assertThat(end.code()).as(end.err()).isZero();
          assertThat(end.took()).isLessThan(LATEST);
          late += end.took().compareTo(STOP) < 0 ? 0 : 1;
          longest = end.took().compareTo(longest) > 0 ? end.took() : longest;
          evidence.look("round " + round, accepted);
        }
      }
      drain();

      assertThat(late)
          .as("stops of %s or more, the longest %s", STOP, longest)
          .isLessThanOrEqualTo(Effort.lateStops());
      assertThat(books.repeats()).isZero();
      run.held();
    }
    System.out.printf(
        "KillIT: %d stops: %d given to the kernel, %d accepted,"
            + " of which %d were known to be before a stop, %d delivered, %d lost, %d repeated, longest stop %d"
            + " ms, %d requests%n",
        stops,
        player.events(),
        evidence.accepted(),
        evidence.known(),
        books.distinct(),
        evidence.lost(),
        books.repeats(),
        longest.toMillis(),
        backend.requests());
  }

  private TallyRun tally(String test, String what) {
    return TallyRun.of("KillIT." + test, what)
        .accepted(evidence::accepted)
        .known(evidence::known)
        .lost(evidence::lost)
        .repeated(books::repeats);
  }

  private PackagedPop start() throws IOException {
    return PackagedPop.run(
        directory,
        Ops.LISTEN
            + Yaml.delivering(
                player.port(),
                backend.url("/pop"),
                "batch: {maxEvents: " + LARGEST_BATCH + ", minInterval: 20ms}",
                "retry: {initial: 50ms, max: 500ms}"));
  }

  /** What it says to have accepted, once that is something. */
  private static long accepted(PackagedPop daemon) {
    Ops ops = new Ops(daemon);
    Await.until("an accepted event", daemon::story, () -> ops.accepted() > 0);
    return ops.accepted();
  }

  /** Lets events flow until some moment: sometimes by what was sent, sometimes by what arrived. */
  private void flow(int round, PackagedPop daemon) {
    int arrived = books.distinct();
    player.playOn();
    player.awaitConnections(round + 1);
    int until = 1 + random.nextInt(FLOW);
    if (round % 2 == 0) {
      player.awaitEvents(round, until);
    } else {
      Await.until(
          "deliveries", daemon::story, () -> books.distinct() > arrived + random.nextInt(FLOW));
    }
  }

  private void keptWhatWasReadOrSaid(int round, long read, long said) throws IOException {
    long bytes = 0;
    int events = 0;
    while (bytes < read - CHUNK_BYTES) {
      bytes += new Play(round, events).bytes().length + 1;
      events++;
    }
    int kept = evidence.look("round " + round, Math.max(events, said));
    for (; events < kept; events++) {
      bytes += new Play(round, events).bytes().length + 1;
    }
    bytesInHand = Math.max(bytesInHand, read - bytes);
  }

  /** A last start, in which nothing is played. */
  private void drain() throws IOException {
    player.hold();
    evidence.beforeStart();
    try (PackagedPop daemon = start()) {
      books.awaitDistinct(evidence.accepted());
      Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
      PackagedPop.End end = daemon.stop();
      assertThat(end.code()).as(end.err()).isZero();
    }
    evidence.drained();
    assertThat(spool().deadLetters()).isEmpty();
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }
}
