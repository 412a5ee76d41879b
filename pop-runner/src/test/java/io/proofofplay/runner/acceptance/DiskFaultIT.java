package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.Ops.Account;
import io.proofofplay.testkit.SkippedTally;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that fails: the system refuses what the daemon asks of it. Nothing is acknowledged by a
 * force that failed, and the daemon goes on, or ends loudly and is started anew.
 */
@ExtendWith(SkippedTally.class)
class DiskFaultIT {

  private static final int INTERNAL = 70;
  private static final int LARGEST_BATCH = 30;

  /** So large that a source's whole offer makes a file or two, and few names are used up. */
  private static final int LARGE_BATCH = 5000;

  private static final String FORCE = "fsync,fdatasync";
  private static final String RENAME = "rename,renameat,renameat2";
  private static final String UNLINK = "unlink,unlinkat";

  /**
   * So often in a life so many events are played, each time once the last ones have arrived, and
   * more often if what is to fail was not called by then.
   */
  private static final int PORTIONS = 6;

  private static final int MOST_PORTIONS = 24;

  private static final int PORTION = 40;

  /** So many calls of each kind at least some thread makes in the most portions. */
  private static final int REACHED = 8;

  private static final Pattern NUMBERED = Pattern.compile("(\\d{12})[.-]");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}");

  private static final Pattern CALL = Pattern.compile("(\\d+) +(\\w+)\\(\\d+<([^>]*)>(.*)");
  private static final Pattern RESUMED = Pattern.compile("(\\d+) +<\\.\\.\\. (\\w+) resumed>(.*)");
  private static final Pattern ACCEPTED =
      Pattern.compile("pop_events_accepted_total\\{source=\\\\\"lobby\\\\\"\\} (\\d+)");

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
  private final Books books = backend.books("/pop");

  @TempDir Path directory;
  private Evidence evidence;
  private int largestRestKiB;

  @BeforeEach
  void open() {
    // Here it is skipped if calls cannot be watched, and not in the middle of it.
    Tracer unused = tracer();
    evidence = new Evidence(player, books, spool());
  }

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void whenForcesFailForEverNothingIsAcceptedAnyMoreAndARestartDeliversWhatWas() throws Exception {
    try (TallyRun run =
        tally(
            "whenForcesFailForEverNothingIsAcceptedAnyMoreAndARestartDeliversWhatWas",
            "every fsync of events fails from some moment on")) {
      backend.follow(request -> Answer.BUSY);
      evidence.beforeStart();
      long accepted;
      Tracer tracer =
          tracer().watching(0, FORCE.split(",", -1)).of(files(400)).failing(FORCE, "EIO", "2+");
      try (PackagedPop daemon = start(tracer, LARGE_BATCH)) {
        Ops ops = new Ops(daemon);
        player.play(20);
        Await.until(
            "accepted events",
            daemon::story,
            () -> ops.metrics().map(Ops::accepted).orElse(0L) == 20);
        player.playOn();
        Await.until("/ready to fail", daemon::story, () -> ops.ready() == 503);
        daemon.awaitLog("could not be forced to disk");
        accepted = ops.accepted();
        assertThat(accepted).isGreaterThanOrEqualTo(20);
        int before = tracer.injected();
        Await.until("more forces that fail", daemon::story, () -> tracer.injected() > before + 20);
        assertThat(ops.status("/ready"))
            .as("whether it pretends to keep events: %s", daemon.story())
            .isEqualTo(503);
        assertThat(ops.accepted()).as("accepted although no force succeeds").isEqualTo(accepted);
        Account later = ops.account("billing");
        assertThat(later.balances()).as("%s", later).isTrue();
        assertThat(later.dropped()).as("%s", later).isZero();
        assertThat(daemon.err().lines().filter(line -> line.matches(".* (WARN|ERROR) .*")).toList())
            .as("a word about it, and not one for each force that fails")
            .hasSizeLessThan(10);
        run.round(tracer.injected());
        note(daemon);
        daemon.kill();
      }
      evidence.look("killed", accepted);
      drain();
      run.held();
    }
    tell("every fsync of events fails from some moment on");
  }

  @Test
  void singleOperationsThatFailCostNothing() throws Exception {
    try (TallyRun run =
        tally("singleOperationsThatFailCostNothing", "fsync, rename, unlink, write fail")) {
      int lives = 0;
      int faults = 0;
      int ended = 0;
      Map<String, Integer> byKind = new TreeMap<>();
      List<String> withoutFault = new ArrayList<>();
      for (Life life : lives()) {
        // Now, not before: it names files by what the lives before it have left.
        Tracer tracer = life.tracer();
        String when = "life " + lives + ", " + faultsOf(tracer);
        lives++;
        evidence.beforeStart();
        int connections = player.sent().size();
        AtomicLong accepted = new AtomicLong();
        try (PackagedPop daemon = start(tracer)) {
          Ops ops = new Ops(daemon);
          Await.until(
              "the start", daemon::story, () -> ops.metrics().isPresent() || !daemon.isAlive());
          if (!daemon.isAlive() || !playAll(daemon, ops, connections, tracer, accepted)) {
            // A disk that fails at the start is for whoever starts it again.
            assertThat(daemon.end().code()).as("%s: %s", when, daemon.err()).isEqualTo(INTERNAL);
            assertThat(daemon.err()).as(when).contains("Input/output error");
            ended++;
          } else {
            Account account = ops.account("billing");
            assertThat(account.balances()).as("%s: %s", when, account).isTrue();
            assertThat(account.dropped()).as("%s: %s", when, account).isZero();
            assertThat(accepted.get())
                .as(when)
                .isEqualTo(player.sent().get(connections).begun())
                .isGreaterThanOrEqualTo(PORTIONS * PORTION);
            note(daemon);
            PackagedPop.End end = daemon.stop();
            assertThat(end.code()).as("%s: %s", when, end.err()).isZero();
          }
          tracer.linesUntilTheEndOf(daemon);
        }
        int injected = tracer.injected();
        if (life.isReached()) {
          assertThat(injected).as("%s: faults", when).isPositive();
        } else if (injected == 0) {
          withoutFault.add(when);
        }
        faults += injected;
        // A life in which nothing failed is none of those that show something.
        run.rounds(injected > 0 ? 1 : 0, injected);
        tracer.injectedByCall().forEach((call, count) -> byKind.merge(call, count, Integer::sum));
        player.hold();
        evidence.look(when, accepted.get());
      }
      drain();
      assertThat(faults).as("faults that happened").isPositive();
      System.out.printf(
          "DiskFaultIT: faults %s; %d starts ended loudly; %d of %d lives without a fault, which are"
              + " no rounds: %s%n",
          byKind, ended, withoutFault.size(), lives, withoutFault);
      run.held();
    }
    tell("fsync, rename, unlink, write fail");
  }

  /** A life of the daemon: what fails in it, and whether it has to come so far. */
  private record Life(Supplier<Tracer> what, boolean isReached) {
    Tracer tracer() {
      return what.get();
    }
  }

  /** Each fault by itself at a growing distance from the start, and all of them again and again. */
  private List<Life> lives() {
    List<Life> lives = new ArrayList<>();
    lives.add(
        new Life(
            () ->
                all()
                    .failing(FORCE, "EIO", "7")
                    .failing(RENAME, "EIO", "2")
                    .failing(UNLINK, "EIO", "2"),
            true));
    lives.add(new Life(() -> writes("3+7"), true));
    for (int each = 1; each < Effort.diskFaults(); each++) {
      int n = each;
      boolean reached = n <= REACHED;
      lives.add(new Life(() -> all().failing(FORCE, "EIO", "" + n), reached));
      lives.add(new Life(() -> all().failing(RENAME, "EIO", "" + n), reached));
      lives.add(new Life(() -> all().failing(UNLINK, "EIO", "" + n), reached));
      lives.add(new Life(() -> writes("" + n), reached));
    }
    return lives;
  }

  private Tracer all() {
    String calls = FORCE + "," + RENAME + "," + UNLINK;
    return tracer().watching(0, calls.split(",", -1));
  }

  /** Only of the files of events: a log that cannot be written is another matter. */
  private Tracer writes(String when) {
    return tracer().watching(0, "write").of(files(200)).failing("write", "ENOSPC", when);
  }

  /**
   * The next files that events are written to, under all names that they have until they are
   * sealed. Those of earlier lives are behind: no number is used twice.
   */
  private List<Path> files(int most) {
    Path folder = directory.resolve("spool/billing");
    int first = highestNumber(folder) + 1;
    return IntStream.range(first, first + most)
        .mapToObj(number -> String.format(Locale.ROOT, "%012d.open", number))
        .flatMap(name -> Stream.of(folder.resolve(name), folder.resolve(name + ".tmp")))
        .toList();
  }

  /** The highest number of a file of events that is there; 0 if there is none. */
  private static int highestNumber(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> NUMBERED.matcher(file.getFileName().toString()))
          .filter(Matcher::lookingAt)
          .mapToInt(file -> Integer.parseInt(file.group(1)))
          .max()
          .orElse(0);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String faultsOf(Tracer tracer) {
    return String.join(
        " ", tracer.command().stream().filter(word -> word.startsWith("inject=")).toList());
  }

  /**
   * Plays in portions, each of which is taken and delivered, until something has failed; {@code
   * false} if the daemon ended.
   *
   * @param accepted what the daemon has counted, as it said the last time
   */
  private boolean playAll(
      PackagedPop daemon, Ops ops, int connection, Tracer tracer, AtomicLong accepted)
      throws IOException {
    int portions = 0;
    while (portions < PORTIONS || (portions < MOST_PORTIONS && tracer.injected() == 0)) {
      int portion = portions++;
      int sent = portion;
      player.play(PORTION);
      Await.until(
          "portion " + portion,
          () -> player.sent() + " " + ops.metrics() + daemon.story(),
          () -> {
            if (!daemon.isAlive()) {
              return true;
            }
            Optional<Map<String, Double>> samples = ops.metrics();
            samples.map(Ops::accepted).ifPresent(accepted::set);
            return samples
                .map(each -> Account.of(each, "billing"))
                .map(
                    account ->
                        account.taken() == (sent + 1) * (long) PORTION
                            && account.waiting() == 0
                            && accepted.get() == account.taken())
                .orElse(false);
          });
    }
    return daemon.isAlive() && player.sent().get(connection).begun() == portions * PORTION;
  }

  @Test
  void whatIsSentOrCountedWasForcedBefore() throws Exception {
    try (TallyRun run = tally("whatIsSentOrCountedWasForcedBefore", "the order of system calls")) {
      evidence.beforeStart();
      Tracer tracer = tracer().watching(1 << 20, "write", "sendto", "fsync", "fdatasync");
      List<String> calls;
      long accepted;
      try (PackagedPop daemon = start(tracer)) {
        Ops ops = new Ops(daemon);
        for (int i = 1; i <= 10; i++) {
          player.play(i * i);
          books.awaitDistinct(IntStream.rangeClosed(1, i).map(n -> n * n).sum());
          ops.metrics();
        }
        Await.until("385 accepted events", daemon::story, () -> ops.accepted() == 385);
        accepted = ops.accepted();
        note(daemon);
        assertThat(daemon.stop().code()).isZero();
        calls = tracer.linesUntilTheEndOf(daemon);
      }
      Order order = new Order();
      calls.forEach(order::follow);
      assertThat(order.early).as("sent or counted before it was forced").isEmpty();
      assertThat(order.sent).as("events seen on their way to the backend").isEqualTo(385);
      assertThat(order.counts).as("counts seen on their way to a scraper").isPositive();
      run.round(0);
      evidence.look("stopped", accepted);
      evidence.drained();
      System.out.printf(
          "DiskFaultIT: %d events sent and %d counts told, each after the force; %d forces%n",
          order.sent, order.counts, order.forces);
      run.held();
    }
    tell("the order of system calls");
  }

  /** Follows the calls: what is in which file, and of that, what is forced. */
  private static final class Order {
    private final Map<String, Set<String>> written = new HashMap<>();
    private final Map<String, Set<String>> underWay = new HashMap<>();
    private final Set<String> forced = new HashSet<>();
    private final List<String> early = new ArrayList<>();
    private int sent;
    private int counts;
    private int forces;

    void follow(String line) {
      Matcher resumed = RESUMED.matcher(line);
      if (resumed.matches()) {
        if (resumed.group(2).contains("sync")) {
          done(resumed.group(1), resumed.group(3));
        }
        return;
      }
      Matcher call = CALL.matcher(line);
      if (!call.matches()) {
        return;
      }
      String place = call.group(3);
      String rest = call.group(4);
      if (call.group(2).contains("sync")) {
        underWay.put(call.group(1), new HashSet<>(written.getOrDefault(place, Set.of())));
        if (!rest.contains("<unfinished")) {
          done(call.group(1), rest);
        }
      } else if (place.endsWith(".open")) {
        written.computeIfAbsent(place, key -> new HashSet<>()).addAll(uuids(rest));
      } else if (place.startsWith("socket:") || place.startsWith("TCP")) {
        for (String uuid : uuids(rest)) {
          sent++;
          if (!forced.contains(uuid)) {
            early.add(uuid);
          }
        }
        Matcher told = ACCEPTED.matcher(rest);
        while (told.find()) {
          counts++;
          if (Integer.parseInt(told.group(1)) > forced.size()) {
            early.add("count " + told.group(1) + " of " + forced.size() + " forced");
          }
        }
      }
    }

    private void done(String thread, String rest) {
      Set<String> by = underWay.remove(thread);
      if (by != null && rest.endsWith("= 0")) {
        forced.addAll(by);
        forces++;
      }
    }

    private static List<String> uuids(String text) {
      return UUID.matcher(text).results().map(match -> match.group()).toList();
    }
  }

  private Tracer tracer() {
    return new Tracer(directory.resolve("trace"));
  }

  private void note(PackagedPop daemon) throws IOException {
    largestRestKiB = Math.max(largestRestKiB, daemon.peakKiB());
  }

  private void drain() throws IOException {
    player.hold();
    backend.follow(request -> Answer.TAKEN);
    evidence.beforeStart();
    try (PackagedPop daemon = start(null)) {
      daemon.awaitLog("relay: runs");
      Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
      assertThat(daemon.stop().code()).isZero();
    }
    evidence.drained();
    assertThat(books.repeats()).as("sent again, although every stop was clean").isZero();
  }

  private TallyRun tally(String test, String what) {
    return TallyRun.of("DiskFaultIT." + test, what)
        .accepted(evidence::accepted)
        .known(evidence::known)
        .lost(evidence::lost)
        .repeated(books::repeats);
  }

  private void tell(String what) {
    System.out.printf(
        "DiskFaultIT: %s: %d accepted,"
            + " of which %d were known to be before an end, %d lost, %d repeated; resident at most %.1f MiB%n",
        what,
        evidence.accepted(),
        evidence.known(),
        evidence.lost(),
        books.repeats(),
        largestRestKiB / 1024.0);
  }

  private PackagedPop start(Tracer tracer) throws IOException {
    return start(tracer, LARGEST_BATCH);
  }

  private PackagedPop start(Tracer tracer, int largestBatch) throws IOException {
    return PackagedPop.runUnder(
        tracer == null ? List.of() : tracer.command(),
        directory,
        Ops.LISTEN
            + Yaml.delivering(
                player.port(),
                backend.url("/pop"),
                "batch: {maxEvents: " + largestBatch + ", minInterval: 20ms}",
                "retry: {initial: 20ms, max: 200ms}",
                "spool: {whenFull: block, maxBlock: 1h}"));
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }
}
