package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stop ends within 5 s and with 0, whatever the daemon is about. All stops are made on one spool,
 * so that each start shows what the stop before it has left: nothing is lost, and nothing is sent
 * again.
 */
class StopIT {

  private static final Duration STOP = Duration.ofSeconds(5);

  /** None is later, not even the one that may be late. */
  private static final Duration LATEST = Duration.ofSeconds(7);

  private static final int SIGINT = 2;

  private static final String QUICK = "retry: {initial: 10ms, max: 100ms}";
  private static final String SLOW = "retry: {initial: 1h, max: 1h}";

  /** What the daemon is about when it is told to end. */
  private enum State {
    IDLE,
    SUBMITTING_TO_A_HUNG_BACKEND,
    BACKING_OFF,
    DISK_FULL,
    DRAINING,
    STARTING,
    WAITING_FOR_ROOM,
    HELD,
    PLAYER_CONNECTING
  }

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
  private final Books books = backend.books("/pop");
  private final Random random = new Random(11);
  private final Map<State, List<Long>> millis = new TreeMap<>();

  @TempDir Path directory;
  private Path spoolDirectory;
  private SmallDisk disk;
  private Evidence evidence;
  private final List<String> late = new ArrayList<>();
  private Duration slowest = Duration.ZERO;
  private int largestRestKiB;

  @AfterEach
  void close() {
    player.close();
    backend.close();
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void inEveryStateAStopIsQuickAndLosesNothingAndRepeatsNothing() throws Exception {
    spoolDirectory = Files.createDirectories(directory.resolve("disk")).resolve("spool");
    String withoutDisk = mount();
    evidence = new Evidence(player, books, spool());
    State[] states = State.values();
    int stops = 0;
    try (TallyRun run =
        TallyRun.of(
                "StopIT.inEveryStateAStopIsQuickAndLosesNothingAndRepeatsNothing",
                "SIGTERM or SIGINT in each of nine states" + withoutDisk)
            .accepted(evidence::accepted)
            .known(evidence::known)
            .lost(evidence::lost)
            .repeated(books::repeats)) {
      for (int round = 0; stops < Effort.stopsInStates(); round++) {
        State state = states[round % states.length];
        if (state != State.DISK_FULL || disk != null) {
          stop(round, state);
          stops++;
          run.round(1);
        }
      }
      drain();

      assertThat(late)
          .as("stops that took %s or more", STOP)
          .hasSizeLessThanOrEqualTo(Effort.lateStops());
      assertThat(books.repeats()).isZero();
      run.held();
    }
    System.out.printf(
        "StopIT: %d stops, median and longest in ms: %s; the slowest %d, late %s; %d accepted,"
            + " of which %d were known to be before a stop, %d"
            + " lost, %d repeated; resident at most %.1f MiB%s%n",
        stops,
        figures(),
        slowest.toMillis(),
        late,
        evidence.accepted(),
        evidence.known(),
        evidence.lost(),
        books.repeats(),
        largestRestKiB / 1024.0,
        withoutDisk);
  }

  /** A disk of its own, if there may be one; else why not. */
  private String mount() throws IOException {
    String refused = SmallDisk.refusal(directory);
    if (!refused.isEmpty()) {
      return "; a full disk was not tried: " + refused;
    }
    disk = SmallDisk.mount(SmallDisk.Kind.TMPFS, directory, 24);
    return "";
  }

  private void stop(int round, State state) throws IOException {
    String when = "round " + round + ", " + state;
    player.hold();
    evidence.beforeStart();
    long accepted;
    PackagedPop.End end;
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        PackagedPop daemon = start(state, silent.getLocalPort())) {
      Ops ops = new Ops(daemon);
      int least = reach(state, daemon, ops, silent);
      largestRestKiB = Math.max(largestRestKiB, daemon.peakKiB());
      // Who starts may not answer yet; all others have to.
      accepted =
          state == State.STARTING ? ops.metrics().map(Ops::accepted).orElse(0L) : ops.accepted();
      assertThat(accepted).as("%s: counted as accepted", when).isGreaterThanOrEqualTo(least);
      // A process that was started in the background may have been told to ignore SIGINT.
      end = daemon.stop(round % 2 == 0 || !daemon.catches(SIGINT) ? "TERM" : "INT");
    }
    assertThat(end.code()).as("%s: exit code; %s", when, end.err()).isZero();
    assertThat(end.took()).as("%s: %s", when, end.err()).isLessThan(LATEST);
    if (end.took().compareTo(STOP) >= 0) {
      late.add(when + ": " + end.took());
    }
    slowest = end.took().compareTo(slowest) > 0 ? end.took() : slowest;
    millis.computeIfAbsent(state, key -> new ArrayList<>()).add(end.took().toMillis());
    if (disk != null) {
      disk.release();
    }
    evidence.look(when, accepted);
    assertThat(books.repeats()).as("%s: events sent again", when).isZero();
  }

  /**
   * Has the daemon come into a state.
   *
   * @return how many events it has accepted by then, at least
   */
  private int reach(State state, PackagedPop daemon, Ops ops, ServerSocket silent)
      throws IOException {
    switch (state) {
      case IDLE -> {
        backend.follow(request -> Answer.TAKEN);
        int before = books.distinct();
        player.play(10);
        awaitConnected(daemon);
        books.awaitDistinct(before + 10);
        Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
        return awaitAccepted(10, daemon, ops);
      }
      case SUBMITTING_TO_A_HUNG_BACKEND -> {
        int before = backend.unanswered();
        backend.follow(request -> Answer.SILENCE);
        player.play(10);
        Await.until("a request", daemon::story, () -> backend.unanswered() > before);
        // They are all that this life has: if the stop loses them, none comes later to show it.
        return awaitAccepted(10, daemon, ops);
      }
      case BACKING_OFF -> {
        backend.follow(request -> Answer.of(503, "later"));
        player.play(10);
        daemon.awaitLog("does not deliver");
        return awaitAccepted(10, daemon, ops);
      }
      case HELD -> {
        backend.follow(request -> Answer.of(401, "who are you?"));
        player.play(10);
        daemon.awaitLog("does not deliver");
        return awaitAccepted(10, daemon, ops);
      }
      case DISK_FULL -> {
        backend.follow(request -> Answer.BUSY);
        disk.fill();
        player.playOn();
        daemon.awaitLog("takes no events");
        return 0;
      }
      case DRAINING -> {
        backend.follow(request -> Answer.BUSY);
        player.play(3_000);
        awaitConnected(daemon);
        Await.until("a backlog", daemon::story, () -> spool().waiting().size() >= 3_000);
        int all = awaitAccepted(3_000, daemon, ops);
        int before = books.distinct();
        backend.follow(request -> Answer.TAKEN);
        books.awaitDistinct(before + 100);
        return all;
      }
      case STARTING -> {
        backend.follow(request -> Answer.TAKEN);
        player.play(10);
        daemon.awaitLog("runs pop.yaml");
        long until = System.nanoTime() + random.nextInt(600) * 1_000_000L;
        Await.until("a moment of the start", () -> "", () -> System.nanoTime() - until >= 0);
        return 0;
      }
      case WAITING_FOR_ROOM -> {
        backend.follow(request -> Answer.BUSY);
        // What was left of the lives before may be so much that nothing of this one fits.
        int least = isFull() ? 0 : 1;
        player.playOn();
        Await.until("a full spool", daemon::story, () -> isFull() && player.isHeldUp());
        return least;
      }
      case PLAYER_CONNECTING -> {
        backend.follow(request -> Answer.TAKEN);
        silent.setSoTimeout((int) Await.GENEROUS.toMillis());
        // It says nothing, so that the daemon waits for its banner when it is told to end.
        Socket waiting = silent.accept();
        daemon.awaitLog("relay: runs");
        for (int calls = 1; hasHungUp(waiting); calls++) {
          // It has waited in vain already, and calls again.
          assertThat(calls).as("calls: %s", daemon.story()).isLessThan(10);
          waiting = silent.accept();
        }
        return 0;
      }
    }
    throw new AssertionError(state);
  }

  /** No more fits once the next offer does not, and while offers are dear that is a large one. */
  private boolean isFull() throws IOException {
    return spool().bytes() > (1 << 20) - KillIT.CHUNK_BYTES;
  }

  private static int awaitAccepted(int events, PackagedPop daemon, Ops ops) {
    Await.until(
        events + " accepted events",
        daemon::story,
        () -> ops.metrics().map(Ops::accepted).orElse(0L) >= events);
    return events;
  }

  private static boolean hasHungUp(Socket waiting) throws IOException {
    waiting.setSoTimeout(50);
    try {
      assertThat(waiting.getInputStream().read()).as("what it says first").isEqualTo(-1);
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  private void awaitConnected(PackagedPop daemon) {
    daemon.awaitLog("connected to \"flow\"");
  }

  private PackagedPop start(State state, int silentPort) throws IOException {
    String more =
        switch (state) {
          case BACKING_OFF, HELD -> SLOW;
          case DRAINING -> QUICK + "\n    batch: {maxEvents: 10, minInterval: 0s}";
          case WAITING_FOR_ROOM ->
              SLOW
                  + "\n    batch: {maxBytes: 64KiB}"
                  + "\n    spool: {maxBytes: 1MiB, whenFull: block, maxBlock: 1h}";
          case DISK_FULL -> QUICK + "\n    spool: {whenFull: block, maxBlock: 1h}";
          default -> QUICK;
        };
    return start(state == State.PLAYER_CONNECTING ? silentPort : player.port(), more);
  }

  private PackagedPop start(int port, String more) throws IOException {
    return PackagedPop.run(
        directory,
        Ops.LISTEN
            + "spool: {directory: "
            + spoolDirectory
            + "}\n"
            + Yaml.delivering(port, backend.url("/pop"), more));
  }

  private void drain() throws IOException {
    player.hold();
    backend.follow(request -> Answer.TAKEN);
    evidence.beforeStart();
    try (PackagedPop daemon = start(player.port(), QUICK)) {
      Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
      assertThat(daemon.stop().code()).isZero();
    }
    evidence.drained();
  }

  private String figures() {
    StringBuilder text = new StringBuilder();
    millis.forEach(
        (state, all) -> {
          List<Long> sorted = all.stream().sorted().toList();
          text.append(text.isEmpty() ? "" : ", ")
              .append(state)
              .append(' ')
              .append(sorted.get(sorted.size() / 2))
              .append('/')
              .append(sorted.get(sorted.size() - 1));
        });
    return text.toString();
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(spoolDirectory, "billing");
  }
}
