package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed while one of its threads reads for many sources, whose events share a force
 * (ADR 0089). What must hold then is what {@link Evidence} says: on each connection what is kept is
 * a beginning of what was sent, and in all it is as much as the daemon had counted as accepted.
 */
class CrowdKillIT {

  /**
   * So many more than those from which on one thread reads for all that most of them are read so.
   */
  private static final int SOURCES = 60;

  private static final int LARGEST_BATCH = 200;

  /** So many events at a time, of all: so few that no player counts as one who says much. */
  private static final int PORTION = 200;

  private static final int MOST_PORTIONS = 40;

  /** So many are due when it is killed. */
  private static final int LAST = 2_000;

  private final FlowPlayer players = FlowPlayer.crowd();
  private final FaultyBackend backend = new FaultyBackend(request -> FaultyBackend.Answer.TAKEN);
  private final Books books = backend.books("/pop");
  private final Random random = new Random(42);

  @TempDir Path directory;
  private Evidence evidence;

  @BeforeEach
  void open() {
    books.expectACrowd();
    evidence = new Evidence(players, books, spool());
  }

  @AfterEach
  void close() {
    players.close();
    backend.close();
  }

  @Test
  void killedAgainAndAgainEveryAcceptedEventOfManySourcesArrives() throws Exception {
    int kills = Effort.kills();
    try (TallyRun run =
        TallyRun.of(
                "CrowdKillIT.killedAgainAndAgainEveryAcceptedEventOfManySourcesArrives",
                "kill -9 while one thread reads for sixty sources")
            .accepted(evidence::accepted)
            .known(evidence::known)
            .lost(evidence::lost)
            .repeated(books::repeats)) {
      for (int round = 0; round < kills; round++) {
        evidence.beforeStart();
        int before = players.sent().size();
        try (PackagedPop daemon = start()) {
          players.awaitConnections(before + SOURCES);
          for (int portions = random.nextInt(MOST_PORTIONS); portions >= 0; portions--) {
            int arrived = books.distinct();
            players.play(PORTION);
            Await.until(
                "deliveries", daemon::story, () -> books.distinct() >= arrived + PORTION / 2);
          }
          if (round == 0) {
            daemon.dump();
            Await.until(
                "a thread that looks out",
                daemon::story,
                () -> daemon.out().contains("infobeamer.Lookout.lookOut"));
          }
          long said = new Ops(daemon).accepted();
          int sent = players.events();
          players.play(LAST);
          // In the middle of it.
          players.awaitAll(sent + 1 + random.nextInt(LAST / 2));
          daemon.kill();
          backend.senderWasKilled();
          run.round(1);
          evidence.look("round " + round, said);
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
        "CrowdKillIT: %d kills: %d given to the kernel, %d accepted, of which %d were known to be before a"
            + " kill, %d delivered, %d lost, %d repeated%n",
        kills,
        players.events(),
        evidence.accepted(),
        evidence.known(),
        books.distinct(),
        evidence.lost(),
        books.repeats());
  }

  private PackagedPop start() throws IOException {
    StringBuilder yaml = new StringBuilder(Ops.LISTEN).append("sources:\n");
    for (int i = 0; i < SOURCES; i++) {
      yaml.append("  screen-%d: {type: infobeamer, port: %d}\n".formatted(i, players.port()));
    }
    yaml.append(
        """
        sinks:
          billing:
            type: http
            url: %s
            batch: {maxEvents: %d, minInterval: 20ms}
            retry: {initial: 50ms, max: 500ms}
        """
            .formatted(backend.url("/pop"), LARGEST_BATCH));
    return PackagedPop.run(directory, yaml.toString());
  }

  /** A last start, in which nothing is played. */
  private void drain() throws IOException {
    players.hold();
    evidence.beforeStart();
    int before = players.sent().size();
    try (PackagedPop daemon = start()) {
      // There may be nothing to drain, and who has just been started does not know how to stop.
      players.awaitConnections(before + SOURCES);
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
