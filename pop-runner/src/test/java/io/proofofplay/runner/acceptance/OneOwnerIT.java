package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.testkit.Tally;
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
        owner.kill();
      }
      evidence.look("round " + round);
    }
    evidence.beforeStart();
    try (PackagedPop last = start()) {
      last.awaitLog("relay: runs");
      Await.until("an empty spool", last::story, () -> spool().waiting().isEmpty());
      assertThat(last.stop().code()).isZero();
    }
    evidence.drained();

    assertThat(books.repeats()).isLessThanOrEqualTo(rounds * LARGEST_BATCH);
    new Tally(
            "OneOwnerIT.ofTwoStartsAtOnceOneOwnsTheSpoolAndTheOtherNamesItAlsoRightAfterAKill",
            "two starts on one spool, right after kill -9",
            rounds,
            2L * rounds,
            evidence.accepted(),
            0,
            books.repeats())
        .record();
    System.out.printf(
        "OneOwnerIT: %d times two starts at once and a kill: one owner each time; %d accepted, 0 lost,"
            + " %d repeated%n",
        rounds, evidence.accepted(), books.repeats());
  }

  private PackagedPop start() throws IOException {
    return PackagedPop.run(
        directory,
        Yaml.delivering(
            player.port(),
            backend.url("/pop"),
            "batch: {maxEvents: " + LARGEST_BATCH + ", minInterval: 20ms}"));
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }
}
