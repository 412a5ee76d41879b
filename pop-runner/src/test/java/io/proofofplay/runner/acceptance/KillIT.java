package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FlowPlayer.Sent;
import io.proofofplay.testkit.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is ended in the middle of its work, again and again, on one spool.
 *
 * <p>What was accepted is known to the daemon alone, and it is dead. So after each end the spool's
 * files are read before anybody touches them, and three things must hold for what is there and what
 * the backend has, together:
 *
 * <ul>
 *   <li>It is a beginning of what was sent on each connection, without a hole: an event that was
 *       accepted and lost would be one, since later ones came through.
 *   <li>It holds all that the daemon had read, save the last chunk, which it was about to keep: the
 *       process is frozen before it is killed, and what is not in the kernel's buffers any more, it
 *       had read.
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

  /** One of all stops may be late, where a busy machine wakes the daemon late. */
  private static final Duration LATEST = Duration.ofSeconds(7);

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> FaultyBackend.Answer.TAKEN);
  private final Books books = backend.books("/pop");
  private final Random random = new Random(42);

  /** What is delivered or on disk, by connection: its first so many events. */
  private final Map<Integer, Integer> kept = new TreeMap<>();

  @TempDir Path directory;
  private long bytesInHand;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void killedInFullFlowAgainAndAgainEveryAcceptedEventArrives() throws Exception {
    int kills = Effort.kills();
    for (int round = 0; round < kills; round++) {
      try (PackagedPop daemon = start()) {
        flow(round, daemon);
        daemon.freeze();
        long read = player.surelyRead(round);
        daemon.kill();
        look(round);
        keptWhatWasRead(round, read);
      }
    }
    drain();

    assertThat(books.repeatedBatches()).isLessThanOrEqualTo(kills);
    assertThat(books.repeats()).isLessThanOrEqualTo(kills * LARGEST_BATCH);
    new Tally(
            "KillIT.killedInFullFlowAgainAndAgainEveryAcceptedEventArrives",
            "kill -9 in full flow",
            kills,
            kills,
            accepted(),
            0,
            books.repeats())
        .record();
    System.out.printf(
        "KillIT: %d kills: %d given to the kernel, %d accepted, %d delivered, 0 lost, %d repeated in %d batches,"
            + " at most %d bytes in hand at a kill, %d requests%n",
        kills,
        player.events(),
        accepted(),
        books.distinct(),
        books.repeats(),
        books.repeatedBatches(),
        bytesInHand,
        backend.requests());
  }

  @Test
  void stoppedInFullFlowNothingIsLostAndNothingIsSentTwice() throws Exception {
    int stops = Effort.stops();
    Duration longest = Duration.ZERO;
    int late = 0;
    for (int round = 0; round < stops; round++) {
      try (PackagedPop daemon = start()) {
        flow(round, daemon);
        PackagedPop.End end = daemon.stop();
        assertThat(end.code()).as(end.err()).isZero();
        assertThat(end.took()).isLessThan(LATEST);
        late += end.took().compareTo(STOP) < 0 ? 0 : 1;
        longest = end.took().compareTo(longest) > 0 ? end.took() : longest;
        look(round);
      }
    }
    drain();

    assertThat(late).as("stops of %s or more, the longest %s", STOP, longest).isLessThan(2);
    assertThat(books.repeats()).isZero();
    new Tally(
            "KillIT.stoppedInFullFlowNothingIsLostAndNothingIsSentTwice",
            "SIGTERM in full flow",
            stops,
            stops,
            accepted(),
            0,
            books.repeats())
        .record();
    System.out.printf(
        "KillIT: %d stops: %d given to the kernel, %d accepted, %d delivered, 0 lost, 0 repeated, longest stop %d"
            + " ms, %d requests%n",
        stops,
        player.events(),
        accepted(),
        books.distinct(),
        longest.toMillis(),
        backend.requests());
  }

  private PackagedPop start() throws IOException {
    return PackagedPop.run(
        directory,
        Yaml.delivering(
            player.port(),
            backend.url("/pop"),
            "batch: {maxEvents: " + LARGEST_BATCH + ", minInterval: 20ms}",
            "retry: {initial: 50ms, max: 500ms}"));
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

  private void look(int round) throws IOException {
    player.awaitEnd(round);
    Map<Integer, BitSet> there = books.taken();
    for (Play play : spool().waiting()) {
      there.computeIfAbsent(play.connection(), number -> new BitSet()).set(play.number());
    }
    there.forEach(
        (connection, numbers) -> {
          int count = numbers.cardinality();
          Sent sent = player.sent().get(connection);
          assertThat(numbers.nextClearBit(0))
              .as("connection %d: the first hole, of %d events", connection, count)
              .isEqualTo(count);
          assertThat(count)
              .as("connection %d: what was sent", connection)
              .isLessThanOrEqualTo(sent.begun());
          Integer before = kept.put(connection, count);
          if (connection < round) {
            assertThat(count)
                .as("connection %d: what was there before", connection)
                .isEqualTo(before);
          }
        });
    assertThat(books.wrong()).isEmpty();
  }

  private void keptWhatWasRead(int round, long read) {
    long bytes = 0;
    for (int number = 0; number < kept.getOrDefault(round, 0); number++) {
      bytes += new Play(round, number).bytes().length + 1;
    }
    assertThat(bytes)
        .as("connection %d: bytes kept of those that were read", round)
        .isGreaterThanOrEqualTo(read - CHUNK_BYTES);
    bytesInHand = Math.max(bytesInHand, read - bytes);
  }

  /** A last start, in which nothing is played. */
  private void drain() throws IOException {
    player.hold();
    try (PackagedPop daemon = start()) {
      books.awaitDistinct(accepted());
      Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
      PackagedPop.End end = daemon.stop();
      assertThat(end.code()).as(end.err()).isZero();
    }
    Map<Integer, Integer> delivered = new TreeMap<>();
    books
        .taken()
        .forEach((connection, numbers) -> delivered.put(connection, numbers.cardinality()));
    assertThat(delivered).isEqualTo(kept);
    assertThat(books.wrong()).isEmpty();
    assertThat(spool().waiting()).isEmpty();
    assertThat(spool().drops()).isEmpty();
    assertThat(spool().deadLetters()).isEmpty();
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }

  private int accepted() {
    return kept.values().stream().mapToInt(Integer::intValue).sum();
  }
}
