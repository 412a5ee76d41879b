package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop ends within 5 s and with 0, whatever the daemon is about, and keeps what was accepted. */
class StopIT {

  private static final Duration STOP = Duration.ofSeconds(5);

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
  void whileItIsIdle() throws Exception {
    try (PackagedPop daemon = start("")) {
      player.play(10);
      books.awaitDistinct(10);
      Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
      stopped("idle", daemon, "TERM", 10);
    }
  }

  @Test
  void whileABackendKeepsSilentAboutARequest() throws Exception {
    backend.follow(request -> Answer.SILENCE);
    try (PackagedPop daemon = start("")) {
      player.play(10);
      Await.until("a request", daemon::story, () -> backend.unanswered() == 1);
      onDisk(10, daemon);
      stopped("submitting to a silent backend", daemon, "TERM", 10);
    }
  }

  @Test
  void whileItBacksOff() throws Exception {
    backend.follow(request -> Answer.of(503, "later"));
    try (PackagedPop daemon = start("retry: {initial: 1h, max: 1h}")) {
      player.play(10);
      daemon.awaitLog("does not deliver");
      onDisk(10, daemon);
      stopped("backing off", daemon, "INT", 10);
    }
  }

  @Test
  void whileItWaitsForRoom() throws Exception {
    backend.follow(request -> Answer.of(503, "later"));
    try (PackagedPop daemon =
        start(
            "retry: {initial: 1h, max: 1h}\n    batch: {maxBytes: 64KiB}\n"
                + "    spool: {maxBytes: 1MiB, whenFull: block, maxBlock: 1h}")) {
      player.playOn();
      // No more fits once the next chunk does not.
      Await.until(
          "a full spool",
          daemon::story,
          () -> spool().bytes() > (1 << 20) - 80 * 1024 && player.isHeldUp());
      int least = spool().waiting().size();
      PackagedPop.End end = stopped(daemon, "TERM");
      List<Play> kept = spool().waiting();
      assertThat(kept).hasSizeGreaterThanOrEqualTo(least);
      assertThat(kept)
          .isEqualTo(IntStream.range(0, kept.size()).mapToObj(n -> new Play(0, n)).toList());
      say("waiting for room", "TERM", end, kept.size());
    }
  }

  @Test
  void whileItDrains() throws Exception {
    backend.follow(request -> Answer.BUSY);
    try (PackagedPop daemon =
        start("batch: {maxEvents: 10, minInterval: 0s}\n    retry: {initial: 10ms, max: 100ms}")) {
      player.play(5_000);
      onDisk(5_000, daemon);
      backend.follow(request -> Answer.TAKEN);
      books.awaitDistinct(100);
      stopped("draining", daemon, "TERM", 5_000);
      assertThat(books.distinct()).isLessThan(5_000);
    }
  }

  private PackagedPop start(String more) throws IOException {
    return PackagedPop.run(
        directory,
        """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          billing:
            type: http
            url: %s
            %s
        """
            .formatted(player.port(), backend.url("/pop"), more));
  }

  private void onDisk(int events, PackagedPop daemon) {
    Await.until(
        events + " events on disk", daemon::story, () -> spool().waiting().size() == events);
  }

  private void stopped(String state, PackagedPop daemon, String signal, int accepted)
      throws IOException {
    PackagedPop.End end = stopped(daemon, signal);
    assertThat(books.distinct() + spool().waiting().size()).isEqualTo(accepted);
    say(state, signal, end, accepted);
  }

  private PackagedPop.End stopped(PackagedPop daemon, String signal) throws IOException {
    PackagedPop.End end = daemon.stop(signal);
    assertThat(end.code()).as(end.err()).isZero();
    assertThat(end.took()).isLessThan(STOP);
    assertThat(books.wrong()).isEmpty();
    assertThat(books.repeats()).isZero();
    return end;
  }

  private void say(String state, String signal, PackagedPop.End end, int accepted)
      throws IOException {
    System.out.printf(
        "StopIT: %s: SIG%s, %d ms: %d accepted, %d delivered, %d on disk, 0 lost%n",
        state, signal, end.took().toMillis(), accepted, books.distinct(), spool().waiting().size());
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }
}
