package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.Ops.Account;
import io.proofofplay.testkit.SkippedTally;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full to the last byte: the daemon says so and takes nothing more, delivers what it
 * has although every byte that this frees is taken by somebody else, writes dead letters, starts
 * anew, and goes on by itself when there is room. Nobody lays a hand on it.
 */
@ExtendWith(SkippedTally.class)
class FullDiskIT {

  private static final int MEBIBYTES = 8;
  private static final int LEFT = 1536 * 1024;
  private static final int POISON_EVERY = 150;
  private static final int RESERVE_BYTES = 256 * 1024;

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
  private final Books books = backend.books("/pop");

  @TempDir Path directory;
  private SmallDisk disk;
  private Evidence evidence;
  private int largestRestKiB;
  private int kills;

  /** How often dead letters needed the reserve: not if the last block of their file had room. */
  private int reserves;

  @AfterEach
  void close() {
    player.close();
    backend.close();
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void aFullTmpfsHoldsAndDrainsAndIsUsedAgain() throws Exception {
    fillAndFree(SmallDisk.Kind.TMPFS, "aFullTmpfsHoldsAndDrainsAndIsUsedAgain");
  }

  @Test
  void aFullExt4HoldsAndDrainsAndIsUsedAgain() throws Exception {
    fillAndFree(SmallDisk.Kind.EXT4, "aFullExt4HoldsAndDrainsAndIsUsedAgain");
  }

  /** The player pauses just when there is room again, so that no event shows it. */
  @Test
  void aDiskThatIsFreedIsReadyAgainThoughNobodyPlays() throws Exception {
    disk = SmallDisk.mount(SmallDisk.Kind.EXT4, directory, MEBIBYTES);
    backend.follow(request -> Answer.BUSY);
    try (PackagedPop daemon = start("drop-newest")) {
      Ops ops = new Ops(daemon);
      player.play(1);
      Await.until(
          "an event that is kept", daemon::story, () -> ops.account("billing").waiting() == 1);
      disk.fill();
      int played = 1;
      while (ops.ready() != 503) {
        assertThat(played).as("events on a full disk").isLessThan(1000);
        // The last block of the open file may have room for some.
        player.play(10);
        played += 10;
        int all = played;
        Await.until("all that was played", daemon::story, () -> taken(ops) == all);
      }
      Account full = ops.account("billing");
      disk.release();

      Await.until("readiness", daemon::story, () -> ops.ready() == 200);

      Account free = ops.account("billing");
      assertThat(taken(ops)).as("what came meanwhile").isEqualTo(played);
      assertThat(free.waiting()).as("%s", free).isEqualTo(full.waiting());
      assertThat(free.dropped()).as("%s", free).isEqualTo(full.dropped());
      assertThat(free.balances()).as("%s", free).isTrue();
      player.play(10);
      Await.until(
          "events that are kept",
          daemon::story,
          () -> ops.account("billing").waiting() == full.waiting() + 10);
      assertThat(daemon.stop().code()).isZero();
    }
  }

  /** It may take more than the disk has, and no event pays for that. */
  @Test
  void theHistoryOfDeliveriesTakesNoRoomFromEvents() throws Exception {
    disk = SmallDisk.mount(SmallDisk.Kind.EXT4, directory, MEBIBYTES);
    try (PackagedPop daemon = start("drop-newest")) {
      Ops ops = new Ops(daemon);
      daemon.awaitLog("relay: runs");
      disk.fillBut(1 << 20);
      for (int round = 1; round <= 80; round++) {
        if (round == 40) {
          roomComesBackThoughNobodyPlays(daemon);
        }
        player.play(1000);
        long all = 1000L * round;
        Await.until(
            "the delivery of what was played",
            () -> ops.account("billing") + daemon.story(),
            () -> ops.account("billing").delivered() == all);
        assertThat(ops.ready()).as("round %d", round).isEqualTo(200);
      }

      assertThat(daemon.err())
          .contains("gives its oldest files up")
          .doesNotContain("takes no events");
      assertThat(disk.free()).isGreaterThan(RESERVE_BYTES);
      assertThat(ops.account("billing").balances()).isTrue();
      assertThat(daemon.stop().code()).isZero();
    }
    assertThat(books.distinct()).isEqualTo(80_000);
  }

  private void roomComesBackThoughNobodyPlays(PackagedPop daemon) throws IOException {
    long others = Files.size(disk.filler());
    disk.fillBut(320 << 10);
    assertThat(Files.size(disk.filler())).as("what somebody else takes").isGreaterThan(others);
    long left = disk.free();
    Await.until("room for events", daemon::story, () -> disk.free() > left + (16 << 10));
  }

  private static long taken(Ops ops) {
    return ops.account("billing").taken();
  }

  private void fillAndFree(SmallDisk.Kind kind, String test) throws Exception {
    disk = SmallDisk.mount(kind, directory, MEBIBYTES);
    evidence = new Evidence(player, books, spool());
    int rounds = Effort.fills();
    try (TallyRun run =
        TallyRun.of("FullDiskIT." + test, kind + " filled, held, drained, freed")
            .accepted(evidence::accepted)
            .known(evidence::known)
            .lost(evidence::lost)
            .repeated(books::repeats)) {
      for (int round = 0; round < rounds; round++) {
        if ((round % 2 == 0) == (kind == SmallDisk.Kind.TMPFS)) {
          drainsWithoutNeedingSpace("round " + round);
        } else {
          startsAndWritesDeadLettersOnAFullDisk("round " + round);
        }
        run.round(1);
      }
      evidence.drained();

      assertThat(reserves > 0).as("the reserve was needed").isEqualTo(kills > 0);
      // Also after a kill: it comes in an outage, in which nothing was taken.
      assertThat(books.repeats()).as("events that came again").isZero();
      run.held();
    }
    System.out.printf(
        "FullDiskIT: %s filled %d times: %d accepted,"
            + " of which %d were known to be before an end, %d delivered, %d dead, %d lost, %d repeated;"
            + " resident at most %.1f MiB%n",
        kind,
        rounds,
        evidence.accepted(),
        evidence.known(),
        books.distinct(),
        evidence.dead(),
        evidence.lost(),
        books.repeats(),
        largestRestKiB / 1024.0);
  }

  /** Somebody else takes every byte that a delivery frees. */
  private void drainsWithoutNeedingSpace(String when) throws IOException {
    backend.follow(request -> Answer.BUSY);
    evidence.beforeStart();
    int accepted;
    try (PackagedPop daemon = start()) {
      Ops ops = new Ops(daemon);
      Account full = untilFull(when, daemon, ops);
      backend.follow(request -> Answer.TAKEN);
      Await.until(
          "a drain without space",
          daemon::story,
          () -> {
            disk.fill();
            return ops.account("billing").delivered() >= full.waiting();
          });
      accepted = freed(when, daemon, ops);
    }
    evidence.look(when, accepted);
  }

  /** Killed and started on the full disk, and the first thing to do there is a dead letter. */
  private void startsAndWritesDeadLettersOnAFullDisk(String when) throws IOException {
    backend.follow(request -> Answer.BUSY);
    evidence.beforeStart();
    Account full;
    try (PackagedPop daemon = start()) {
      full = untilFull(when, daemon, new Ops(daemon));
      daemon.kill();
      kills++;
    }
    evidence.look(when + ", killed", full.taken());
    disk.fill();

    backend.follow(FullDiskIT::refusingPoison);
    int deadBefore = evidence.dead();
    evidence.beforeStart();
    int accepted;
    try (PackagedPop daemon = start()) {
      Ops ops = new Ops(daemon);
      daemon.awaitLog("relay: runs");
      Await.until(
          "a drain with dead letters",
          daemon::story,
          () -> {
            Account account = ops.account("billing");
            return account.delivered() + account.dead() >= full.waiting();
          });
      if (daemon.err().contains("reserve: given up, because the disk is full")) {
        reserves++;
      }
      backend.follow(request -> Answer.TAKEN);
      accepted = freed(when, daemon, ops);
      assertThat(evidence.dead()).as(when).isGreaterThan(deadBefore);
      assertThat(Files.size(disk.root().resolve("spool/billing/reserve")))
          .as("%s: the reserve is there again", when)
          .isEqualTo(RESERVE_BYTES);
    }
    evidence.look(when, accepted);
  }

  private Account untilFull(String when, PackagedPop daemon, Ops ops) throws IOException {
    disk.fillBut(LEFT);
    player.playOn();
    daemon.awaitLog("takes no events");
    Await.until("the player being held up", daemon::story, player::isHeldUp);
    player.hold();
    disk.fill();
    Await.until("/ready to fail", daemon::story, () -> ops.ready() == 503);
    assertThat(ops.status("/live")).as(when).isEqualTo(200);
    assertThat(daemon.err()).as(when).contains("the disk has no room for new events");
    // Room for a line or two is found now and then, until there is none.
    AtomicReference<Account> agreed = new AtomicReference<>();
    Await.until(
        "as many events in the files as the daemon says",
        () -> ops.account("billing") + daemon.story(),
        () -> {
          agreed.set(ops.account("billing"));
          return spool().waiting().size() == agreed.get().waiting();
        });
    Account full = agreed.get();
    assertThat(full.balances()).as("%s: %s", when, full).isTrue();
    assertThat(full.dropped()).as("%s: %s", when, full).isZero();
    assertThat(full.waiting()).as("%s: %s", when, full).isPositive();
    return full;
  }

  /**
   * There is room again: everything that the player had sent by then is taken and delivered.
   *
   * @return how many events this life has taken
   */
  private int freed(String when, PackagedPop daemon, Ops ops) throws IOException {
    disk.release();
    int connection = player.sent().size() - 1;
    int all = player.sent().get(connection).begun() + 100;
    player.play(100);
    Await.until("readiness", daemon::story, () -> ops.ready() == 200);
    Await.until(
        "all that was sent, and nothing that waits",
        () -> player.sent() + " " + ops.account("billing") + daemon.story(),
        () -> {
          Account account = ops.account("billing");
          return account.waiting() == 0 && account.taken() == all;
        });
    Account account = ops.account("billing");
    assertThat(account.balances()).as("%s: %s", when, account).isTrue();
    assertThat(account.dropped()).as("%s: %s", when, account).isZero();
    largestRestKiB = Math.max(largestRestKiB, daemon.peakKiB());
    PackagedPop.End end = daemon.stop();
    assertThat(end.code()).as(end.err()).isZero();
    return all;
  }

  private static Answer refusingPoison(FaultyBackend.Request request) {
    for (byte[] event : request.events()) {
      if (Play.of(event).number() % POISON_EVERY == 0) {
        return Answer.of(422, "no such asset");
      }
    }
    return Answer.TAKEN;
  }

  private PackagedPop start() throws IOException {
    return start("block, maxBlock: 1h");
  }

  private PackagedPop start(String whenFull) throws IOException {
    return PackagedPop.run(
        directory,
        Ops.LISTEN
            + """
            spool: {directory: %s}
            sources:
              lobby: {type: infobeamer, port: %d}
            sinks:
              billing:
                type: http
                url: %s
                batch: {maxEvents: 500, minInterval: 20ms}
                retry: {initial: 20ms, max: 200ms}
                spool: {whenFull: %s}
            """
                .formatted(
                    disk.root().resolve("spool"), player.port(), backend.url("/pop"), whenFull));
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(disk.root().resolve("spool"), "billing");
  }
}
