package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.Ops.Account;
import io.proofofplay.testkit.SkippedTally;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens to the directory of the spool under a running daemon: it takes no event that it
 * could not keep there, says so, and goes on by itself when the directory is as it was; when
 * another one is in its place, the process ends, to be started anew.
 */
@ExtendWith(SkippedTally.class)
class SpoolDirectoryIT {

  private static final int CONFIGURATION = 78;
  private static final int INTERNAL = 70;
  private static final int LARGEST_BATCH = 500;

  /** The daemon as a user whom permissions concern. Only root is not, and root may give that up. */
  private static final List<String> CONCERNED_BY_PERMISSIONS =
      List.of(
          "setpriv",
          "--bounding-set=-dac_override,-dac_read_search,-fowner",
          "--inh-caps=-dac_override,-dac_read_search,-fowner");

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
  private final Books books = backend.books("/pop");

  @TempDir Path directory;
  private Path spoolDirectory;
  private Evidence evidence;
  private int largestRestKiB;
  private List<String> above = List.of();

  /** Changes the directory of a running daemon. */
  private interface Change {
    void run() throws IOException;
  }

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void aReadOnlyDirectoryEndsTheStartWith78AndIsNamed() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(SmallDisk.Kind.TMPFS, directory, 1)) {
      spoolDirectory = disk.root();
      assertThat(Shell.run("mount", "-o", "remount,ro", "" + spoolDirectory)).isEmpty();
      try (PackagedPop daemon = start()) {
        PackagedPop.End end = daemon.end();
        assertThat(end.code()).as(end.err()).isEqualTo(CONFIGURATION);
        assertThat(end.err()).contains("spool.directory: ", "file system that is read-only");
      }
    }
  }

  @Test
  void aDirectoryThatMayNotBeWrittenEndsTheStartWith78AndIsNamed() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("spool"));
    beConcernedByPermissions();
    permit("r-xr-xr-x", spoolDirectory);
    try (PackagedPop daemon = start()) {
      PackagedPop.End end = daemon.end();
      assertThat(end.code()).as(end.err()).isEqualTo(CONFIGURATION);
      assertThat(end.err()).contains("spool.directory: ", "may not be used by this user");
    } finally {
      permit("rwxr-xr-x", spoolDirectory);
    }
  }

  @Test
  void aDirectoryThatTurnsReadOnlyTakesNothingAndIsUsedAgainWhenItIsWritable() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("spool"));
    Path readOnly = Files.createDirectories(directory.resolve("read-only"));
    String refused = Shell.run("mount", "--bind", "" + spoolDirectory, "" + readOnly);
    if (!refused.isEmpty()) {
      abort("skipped: this machine does not let the test mount: " + refused);
    }
    try {
      assertThat(Shell.run("mount", "-o", "remount,bind,ro", "" + readOnly)).isEmpty();
      // The same directory, read-only, above itself: what is open stays open, as when a card turns
      // read-only, and nothing is in between.
      upsetAndMend(
          "aDirectoryThatTurnsReadOnlyTakesNothingAndIsUsedAgainWhenItIsWritable",
          () ->
              assertThat(Shell.run("mount", "--bind", "" + readOnly, "" + spoolDirectory))
                  .isEmpty(),
          () -> assertThat(Shell.run("umount", "" + spoolDirectory)).isEmpty());
    } finally {
      assertThat(Shell.run("umount", "" + readOnly)).isEmpty();
    }
  }

  @Test
  void aDirectoryThatIsMadeUnwritableTakesNothingAndIsUsedAgainWhenItIsWritable() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("spool"));
    beConcernedByPermissions();
    upsetAndMend(
        "aDirectoryThatIsMadeUnwritableTakesNothingAndIsUsedAgainWhenItIsWritable",
        () -> permit("r-xr-xr-x", spoolDirectory.resolve("billing")),
        () -> permit("rwxr-xr-x", spoolDirectory.resolve("billing")));
  }

  @Test
  void aDirectoryThatIsMovedAwayTakesNothingAndIsUsedAgainWhenItIsBack() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("spool"));
    upsetAndMend(
        "aDirectoryThatIsMovedAwayTakesNothingAndIsUsedAgainWhenItIsBack",
        () -> Files.move(spoolDirectory, directory.resolve("away")),
        () -> Files.move(directory.resolve("away"), spoolDirectory));
  }

  /** Upsets the directory while events flow, and mends it: nothing is lost and all is well. */
  private void upsetAndMend(String test, Change upset, Change mend) throws IOException {
    evidence = new Evidence(player, books, spool());
    int upsets = Effort.upsets();
    try (TallyRun run = tally(test)) {
      evidence.beforeStart();
      int accepted = 0;
      try (PackagedPop daemon = start()) {
        Ops ops = new Ops(daemon);
        for (int i = 0; i < upsets; i++) {
          backend.follow(i % 2 == 0 ? request -> Answer.TAKEN : request -> Answer.BUSY);
          int before = player.events();
          player.playOn();
          Await.until("events", daemon::story, () -> player.events() > before + 500);
          upset.run();
          try {
            Await.until("/ready to fail", daemon::story, () -> ops.ready() == 503);
            Await.until("the player being held up", daemon::story, player::isHeldUp);
            player.hold();
            assertThat(daemon.err()).contains("tries again by itself");
            Account upsetBooks = ops.account("billing");
            assertThat(upsetBooks.balances()).as("%s", upsetBooks).isTrue();
            assertThat(upsetBooks.dropped()).as("%s", upsetBooks).isZero();
          } finally {
            mend.run();
          }
          backend.follow(request -> Answer.TAKEN);
          Await.until("readiness", daemon::story, () -> ops.ready() == 200);
          int all = player.sent().get(0).begun() + 10;
          player.play(10);
          Await.until(
              "all that was sent, and nothing that waits",
              () -> player.sent() + " " + ops.account("billing") + daemon.story(),
              () -> ops.account("billing").waiting() == 0 && ops.account("billing").taken() == all);
          accepted = all;
          run.round(1);
        }
        assertThat(ops.account("billing").balances()).as("%s", ops.account("billing")).isTrue();
        largestRestKiB = daemon.peakKiB();
        PackagedPop.End end = daemon.stop();
        assertThat(end.code()).as(end.err()).isZero();
      }
      evidence.look("stopped", accepted);
      startOnceMore();
      evidence.drained();
      assertThat(books.repeats()).isZero();
      run.held();
    }
    tell(test, upsets);
  }

  @Test
  void aDirectoryThatIsRemovedTakesNothingAndAnotherInItsPlaceEndsTheProcess() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("spool"));
    int upsets = Effort.upsets();
    try (TallyRun run =
        TallyRun.of(
                "SpoolDirectoryIT.aDirectoryThatIsRemovedTakesNothingAndAnotherInItsPlaceEndsTheProcess",
                "the spool removed by hand; what was in it is gone with it, and not counted")
            .repeated(books::repeats)) {
      for (int i = 0; i < upsets; i++) {
        int connection = player.sent().size();
        backend.follow(request -> Answer.BUSY);
        player.play(500);
        try (PackagedPop daemon = start()) {
          Ops ops = new Ops(daemon);
          Await.until("accepted events", daemon::story, () -> ops.accepted() == 500);
          assertThat(Shell.run("rm", "-rf", "" + spoolDirectory)).isEmpty();
          player.play(500);
          Await.until("/ready to fail", daemon::story, () -> ops.ready() == 503);
          backend.follow(request -> Answer.TAKEN);
          assertThat(ops.accepted())
              .as("nothing is accepted that nobody would find: %s", ops.account("billing"))
              .isEqualTo(500);
          assertThat(ops.account("billing").balances()).as("%s", ops.account("billing")).isTrue();
          assertThat(daemon.isAlive()).as(daemon.story()).isTrue();
          largestRestKiB = Math.max(largestRestKiB, daemon.peakKiB());

          Files.createDirectories(spoolDirectory.resolve("billing"));
          PackagedPop.End end = daemon.end();
          assertThat(end.code()).as(end.err()).isEqualTo(INTERNAL);
          assertThat(end.err()).contains("is not the directory that was opened");
        }
        player.hold();
        player.awaitAllEnds();
        assertThat(spool().waiting()).as("nothing is invented").isEmpty();
        int before = books.distinct();
        try (PackagedPop daemon = start()) {
          player.play(20);
          books.awaitDistinct(before + 20);
          Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
          Ops ops = new Ops(daemon);
          Await.until("20 accepted events", daemon::story, () -> ops.accepted() == 20);
          run.known(20);
          assertThat(daemon.stop().code()).isZero();
        }
        run.round(1);
        // What was in the spool is gone with it; what counts is what came to the new one.
        int came = books.distinct() - before;
        run.events(came, 20L - came, 0);
        assertThat(player.sent().size()).isGreaterThan(connection);
        assertThat(books.repeats()).isZero();
      }
      run.held();
    }
    System.out.printf(
        "SpoolDirectoryIT: removed %d times: nothing accepted or invented after it; resident at most"
            + " %.1f MiB%n",
        upsets, largestRestKiB / 1024.0);
  }

  @Test
  void aDirectoryThatIsReplacedEndsTheProcessAndNothingIsLostWhenItIsBack() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("spool"));
    Path away = directory.resolve("away");
    evidence = new Evidence(player, books, spool());
    int upsets = Effort.upsets();
    String test = "aDirectoryThatIsReplacedEndsTheProcessAndNothingIsLostWhenItIsBack";
    try (TallyRun run = tally(test)) {
      for (int i = 0; i < upsets; i++) {
        backend.follow(request -> Answer.BUSY);
        evidence.beforeStart();
        player.hold();
        player.play(300);
        try (PackagedPop daemon = start()) {
          Ops ops = new Ops(daemon);
          Await.until("accepted events", daemon::story, () -> ops.accepted() == 300);
          largestRestKiB = Math.max(largestRestKiB, daemon.peakKiB());
          Files.move(spoolDirectory, away);
          Files.createDirectories(spoolDirectory.resolve("billing"));
          player.playOn();
          PackagedPop.End end = daemon.end();
          assertThat(end.code()).as(end.err()).isEqualTo(INTERNAL);
          assertThat(end.err()).contains("is not the directory that was opened");
        }
        player.hold();
        assertThat(spool().waiting()).as("nothing is kept where it does not belong").isEmpty();
        assertThat(Shell.run("rm", "-rf", "" + spoolDirectory)).isEmpty();
        Files.move(away, spoolDirectory);
        run.round(1);
        evidence.look("back", 300);
        startOnceMore();
      }
      evidence.drained();
      assertThat(books.repeats()).isZero();
      run.held();
    }
    tell(test, upsets);
  }

  private void startOnceMore() throws IOException {
    player.hold();
    backend.follow(request -> Answer.TAKEN);
    evidence.beforeStart();
    try (PackagedPop daemon = start()) {
      daemon.awaitLog("relay: runs");
      Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
      assertThat(daemon.stop().code()).isZero();
    }
    evidence.look("started once more", 0);
  }

  private TallyRun tally(String test) {
    return TallyRun.of(
            "SpoolDirectoryIT." + test, "the spool's directory taken away under a running daemon")
        .accepted(evidence::accepted)
        .known(evidence::known)
        .lost(evidence::lost)
        .repeated(books::repeats);
  }

  private void tell(String test, int upsets) {
    System.out.printf(
        "SpoolDirectoryIT: %s, %d times: %d accepted,"
            + " of which %d were known to be before an end, %d delivered, %d lost, %d repeated; resident at"
            + " most %.1f MiB%n",
        test,
        upsets,
        evidence.accepted(),
        evidence.known(),
        books.distinct(),
        evidence.lost(),
        books.repeats(),
        largestRestKiB / 1024.0);
  }

  private void beConcernedByPermissions() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return;
    }
    String wrong =
        Shell.run(
            java.util.stream.Stream.concat(
                    CONCERNED_BY_PERMISSIONS.stream(), java.util.stream.Stream.of("true"))
                .toArray(String[]::new));
    if (!wrong.isEmpty()) {
      abort("skipped: permissions do not concern root, who cannot give that up here: " + wrong);
    }
    above = CONCERNED_BY_PERMISSIONS;
  }

  private static void permit(String permissions, Path place) throws IOException {
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(permissions));
  }

  private PackagedPop start() throws IOException {
    return PackagedPop.runUnder(
        above,
        directory,
        Ops.LISTEN
            + "spool: {directory: "
            + spoolDirectory
            + "}\n"
            + Yaml.delivering(
                player.port(),
                backend.url("/pop"),
                "batch: {maxEvents: " + LARGEST_BATCH + ", minInterval: 20ms}",
                "retry: {initial: 20ms, max: 200ms}",
                "spool: {whenFull: block, maxBlock: 1h}"));
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(spoolDirectory, "billing");
  }
}
