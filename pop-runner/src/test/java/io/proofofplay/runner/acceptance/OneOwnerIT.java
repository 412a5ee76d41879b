package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A spool has one owner, however many want it, and needs no hand when the owner was killed. */
class OneOwnerIT {

  private static final int IN_USE = 75;
  private static final int LARGEST_BATCH = 50;

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
  private final Books books = backend.books("/pop");

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void ofTwoStartsAtOnceOneOwnsTheSpoolAndTheOtherNamesItAlsoRightAfterAKill() throws Exception {
    Evidence evidence = new Evidence(player, books, spool());
    int rounds = Effort.twins();
    try (TallyRun run =
        TallyRun.of(
                "OneOwnerIT.ofTwoStartsAtOnceOneOwnsTheSpoolAndTheOtherNamesItAlsoRightAfterAKill",
                "two starts on one spool, right after kill -9")
            .accepted(evidence::accepted)
            .known(evidence::known)
            .lost(evidence::lost)
            .repeated(books::repeats)) {
      for (int round = 0; round < rounds; round++) {
        evidence.beforeStart();
        // From the second round on, the lock of a process that was killed this moment lies there.
        try (PackagedPop one = start();
            PackagedPop other = start()) {
          Await.until(
              "one of two to end",
              () -> one.story() + other.story(),
              () -> !one.isAlive() || !other.isAlive());
          PackagedPop owner = one.isAlive() ? one : other;
          PackagedPop.End second = (one.isAlive() ? other : one).end();
          assertThat(second.code()).as("round %d: %s", round, second.err()).isEqualTo(IN_USE);
          assertThat(second.err())
              .as("round %d", round)
              .contains("is owned by process " + owner.pid() + ";");
          int before = books.distinct();
          player.play(200);
          books.awaitDistinct(before + 200);
          assertThat(owner.isAlive()).as(owner.story()).isTrue();
          Ops ops = new Ops(owner);
          Await.until("200 accepted events", owner::story, () -> ops.accepted() == 200);
          owner.kill();
        }
        backend.senderWasKilled();
        run.round(2);
        evidence.look("round " + round, 200);
      }
      evidence.beforeStart();
      try (PackagedPop last = start()) {
        last.awaitLog("relay: runs");
        Await.until("an empty spool", last::story, () -> spool().waiting().isEmpty());
        assertThat(last.stop().code()).isZero();
      }
      evidence.drained();

      assertThat(books.mostRepeatsAfterAKill())
          .as("events that came again after one kill")
          .isLessThanOrEqualTo(LARGEST_BATCH);
      run.held();
    }
    System.out.printf(
        "OneOwnerIT: %d times two starts at once and a kill: one owner each time; %d accepted,"
            + " of which %d were known to be before a kill, %d lost,"
            + " %d repeated%n",
        rounds, evidence.accepted(), evidence.known(), evidence.lost(), books.repeats());
  }

  private PackagedPop start() throws IOException {
    return PackagedPop.run(
        directory,
        Ops.LISTEN
            + Yaml.delivering(
                player.port(),
                backend.url("/pop"),
                "batch: {maxEvents: " + LARGEST_BATCH + ", minInterval: 20ms}"));
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }
}
