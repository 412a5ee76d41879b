package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.Ops.Account;
import io.proofofplay.spool.file.FileStorage;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGHUP, and a package's replaced options: what a good file says applies in the process that runs,
 * a bad one is refused; no event is lost and none is sent again.
 */
class ReloadIT {

  private static final String APPLIED = "pop: reloaded ";
  private static final String REFUSED = "and the old configuration stays in force: ";

  /** What a file can be that is no configuration for the process that runs. */
  private static final List<String> BAD =
      List.of(
          "sources: [",
          "sinks: {}\n",
          "sources:\n  lobby: {type: infobeamr}\nsinks:\n  billing: {type: http}\n",
          "");

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  /** One sink whose every setting that can be another is another in each round, one that stays. */
  private String configuration(int round) {
    String[] durabilities = {"write-ahead", "interval", "on-failure"};
    return String.format(
        Locale.ROOT,
        """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          billing:
            type: http
            url: "%s?round=%d"
            timeout: %ds
            batch: {maxEvents: %d, minInterval: 0s}
            retry: {initial: 10ms, max: %dms}
            spool: {durability: %s, maxBytes: %dMiB}
          audit: {type: http, url: "%s", batch: {minInterval: 0s}}
        %s""",
        player.port(),
        backend.url("/billing"),
        round,
        10 + round % 7,
        5 + round % 50,
        100 + round,
        durabilities[round % durabilities.length],
        64 + round % 3,
        backend.url("/audit"),
        Ops.LISTEN);
  }

  private void write(String yaml) throws IOException {
    renameIn("pop.yaml", yaml);
  }

  private void renameIn(String name, String text) throws IOException {
    Path next = Files.writeString(directory.resolve("next"), text);
    Files.move(next, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private static int count(PackagedPop daemon, String words) throws IOException {
    return daemon.err().split(java.util.regex.Pattern.quote(words), -1).length - 1;
  }

  private static void awaitCount(PackagedPop daemon, String words, int wanted) {
    Await.until(
        wanted + " times \"" + words + "\"",
        daemon::story,
        () -> count(daemon, words) >= wanted || !daemon.isAlive());
    assertThat(daemon.isAlive()).as(daemon.story()).isTrue();
  }

  @Test
  void underLoadGoodAndBadFilesInTurnLoseNothingAndRepeatNothing() throws Exception {
    int reloads = Effort.reloads();
    List<Long> millis = new ArrayList<>();
    Books billing = backend.books("/billing");
    Books audit = backend.books("/audit");
    int[] accepted = {0};
    boolean[] mustHaveCome = {false};
    long[] known = {0};
    try (TallyRun run =
            TallyRun.of(
                    "ReloadIT.underLoadGoodAndBadFilesInTurnLoseNothingAndRepeatNothing",
                    "SIGHUP under load, good and bad files in turn, two sinks")
                .accepted(() -> 2L * accepted[0])
                .known(() -> known[0])
                .lost(
                    () ->
                        mustHaveCome[0]
                            ? 2L * accepted[0] - billing.distinct() - audit.distinct()
                            : 0)
                .repeated(() -> billing.repeats() + audit.repeats());
        PackagedPop daemon = PackagedPop.run(directory, configuration(0))) {
      Ops ops = new Ops(daemon);
      Account before = ops.account("billing");
      player.awaitConnections(1);
      int good = 0;
      int bad = 0;
      for (int round = 1; round <= reloads; round++) {
        boolean isGood = round % 2 == 1;
        CountDownLatch answers = new CountDownLatch(1);
        if (round % 4 == 1) {
          holdTheNext("/billing", answers);
        }
        player.play(150);
        accepted[0] += 150;
        if (round % 4 == 1) {
          Await.until("a request in flight", daemon::story, () -> isHeld);
        }
        write(isGood ? configuration(round) : BAD.get(round / 2 % BAD.size()));
        long began = System.nanoTime();
        daemon.signal("HUP");
        awaitCount(daemon, "pop: told to reload", round);
        answers.countDown();
        if (isGood) {
          awaitCount(daemon, APPLIED + "pop.yaml: sinks changed: billing\n", ++good);
        } else {
          awaitCount(daemon, REFUSED, ++bad);
        }
        millis.add((System.nanoTime() - began) / 1_000_000);
        run.round(isGood ? 0 : 1);
        Account now = ops.account("billing");
        known[0] = now.taken() + ops.account("audit").taken();
        assertThat(now.imbalance()).as("round %d", round).isZero();
        assertThat(now.recovered()).as("round %d", round).isZero();
        assertThat(now.taken()).as("round %d", round).isGreaterThanOrEqualTo(before.taken());
        assertThat(now.delivered())
            .as("round %d", round)
            .isGreaterThanOrEqualTo(before.delivered());
        before = now;
      }
      int sent = reloads * 150;
      mustHaveCome[0] = true;
      billing.awaitDistinct(sent);
      audit.awaitDistinct(sent);
      Await.until(
          "the books to close",
          daemon::story,
          () -> ops.account("billing").delivered() == sent && ops.account("billing").balances());
      Await.until(
          "both sinks to count all",
          () -> ops.account("audit") + daemon.story(),
          () -> {
            known[0] = ops.account("billing").taken() + ops.account("audit").taken();
            return known[0] == 2L * sent;
          });
      assertThat(billing.repeats()).isZero();
      assertThat(audit.repeats()).isZero();
      assertThat(billing.wrong()).isEmpty();
      assertThat(audit.wrong()).isEmpty();
      assertThat(player.sent()).as("connections of a source that did not change").hasSize(1);
      PackagedPop.End end = daemon.stop();
      assertThat(end.code()).as(end.err()).isZero();
      run.held();
    }
    millis.sort(null);
    System.out.printf(
        "ReloadIT: %d reloads, %d of them refused; median %d ms, longest %d ms; 0 lost, 0 repeated%n",
        reloads, reloads / 2, millis.get(reloads / 2), millis.get(reloads - 1));
  }

  private volatile boolean isHeld;

  /** The next request to a path is answered when the test says so. */
  private void holdTheNext(String path, CountDownLatch answers) {
    isHeld = false;
    backend.follow(
        request -> {
          if (request.path().equals(path) && !isHeld) {
            isHeld = true;
            try {
              answers.await();
            } catch (InterruptedException e) {
              return Answer.SILENCE;
            }
          }
          return Answer.TAKEN;
        });
  }

  private String simple(String url, String more) {
    return String.format(
        Locale.ROOT,
        """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          billing: {type: http, url: "%s", batch: {minInterval: 0s}%s}
        """,
        player.port(),
        url,
        more);
  }

  @Test
  void aSecondHangupDuringAReloadIsNotLost() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    holdTheNext("/first", answers);
    try (PackagedPop daemon = PackagedPop.run(directory, simple(backend.url("/first"), ""))) {
      player.play(10);
      Await.until("a request in flight", daemon::story, () -> isHeld);
      write(simple(backend.url("/second"), ""));
      daemon.signal("HUP");
      // It is applied while the request is still on its way.
      Await.until("the file to be read", daemon::story, () -> reads(daemon));
      write(simple(backend.url("/third"), ""));
      daemon.signal("HUP");
      awaitCount(daemon, "pop: told to reload", 2);
      answers.countDown();
      awaitCount(daemon, APPLIED, 2);
      int before = backend.books("/third").distinct();
      player.play(10);
      backend.books("/third").awaitDistinct(before + 10);
      assertThat(backend.books("/first").repeats()).isZero();
    }
  }

  /** Whether it has read the file and is about to change: its delivery ends. */
  private static boolean reads(PackagedPop daemon) throws IOException {
    Path tasks = Path.of("/proc/" + daemon.pid() + "/task");
    try (var threads = Files.list(tasks)) {
      for (Path thread : threads.toList()) {
        if (nameOf(thread).startsWith("pop-change")) {
          return true;
        }
      }
      return false;
    }
  }

  /** Empty if it has just ended. */
  private static String nameOf(Path thread) {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException e) {
      return "";
    }
  }

  /** A change waits so long for a request in flight, at most. */
  private static final Duration GRACE = Duration.ofSeconds(4);

  /**
   * The sink that is to change hangs in a request that would last for a minute: its change applies
   * all the same, and while it is waited for, events come in and go out by the other sink.
   */
  @Test
  void aSinkThatHangsHoldsAReloadUpForFourSecondsAtMostAndNobodyElse() throws Exception {
    backend.follow(request -> request.path().equals("/hung") ? Answer.SILENCE : Answer.TAKEN);
    Books audit = backend.books("/audit");
    try (PackagedPop daemon = PackagedPop.run(directory, hanging("/hung"))) {
      player.play(10);
      Await.until("a request that hangs", daemon::story, () -> backend.unanswered() == 1);
      audit.awaitDistinct(10);
      write(hanging("/new"));

      long began = System.nanoTime();
      daemon.signal("HUP");
      Await.until("the change", daemon::story, () -> reads(daemon));
      int played = 10;
      int meanwhile = 0;
      Duration longest = Duration.ZERO;
      while (count(daemon, APPLIED) == 0) {
        long asked = System.nanoTime();
        player.play(10);
        played += 10;
        audit.awaitDistinct(played);
        Duration took = Duration.ofNanos(System.nanoTime() - asked);
        longest = took.compareTo(longest) > 0 ? took : longest;
        meanwhile += count(daemon, APPLIED) == 0 ? 10 : 0;
        assertThat(Duration.ofNanos(System.nanoTime() - began))
            .as("the reload: %s", daemon.story())
            .isLessThan(GRACE.plus(Effort.slack()));
      }
      Duration applied = Duration.ofNanos(System.nanoTime() - began);

      assertThat(applied).as("the reload").isLessThan(GRACE.plus(Effort.slack()));
      assertThat(longest)
          .as("from an event to the other sink's delivery, meanwhile")
          .isLessThan(Effort.slack());
      assertThat(meanwhile).as("events that went through meanwhile").isGreaterThan(100);
      awaitCount(daemon, APPLIED + "pop.yaml: sinks changed: billing\n", 1);
      backend.books("/new").awaitDistinct(played);
      assertThat(player.sent()).as("connections of the source").hasSize(1);
      assertThat(backend.books("/new").wrong()).isEmpty();
      assertThat(audit.wrong()).isEmpty();
      System.out.printf(
          "ReloadIT: with a sink that hangs a reload took %d ms; %d events went through meanwhile,"
              + " each ten in %d ms at most%n",
          applied.toMillis(), meanwhile, longest.toMillis());
    }
  }

  private String hanging(String path) {
    return simple(backend.url(path), ", timeout: 60s")
        + "  audit: {type: http, url: \""
        + backend.url("/audit")
        + "\", batch: {minInterval: 0s}}\n";
  }

  @Test
  void aStopDuringAReloadIsQuickAndAllIsOnDisk() throws Exception {
    Duration five = Duration.ofSeconds(5);
    Duration took = stopDuringAReload(10);
    if (took.compareTo(five) >= 0) {
      // Little of the five seconds is left then, and a busy machine wakes late.
      assertThat(took).as("late, and not for ever").isLessThan(five.plusSeconds(2));
      took = stopDuringAReload(20);
    }
    assertThat(took).isLessThan(five);
  }

  /** Plays 10 events, and answers how long the stop took that left so many in all on disk. */
  private Duration stopDuringAReload(int onDisk) throws Exception {
    int unanswered = backend.unanswered();
    backend.follow(request -> Answer.SILENCE);
    Duration took;
    try (PackagedPop daemon = PackagedPop.run(directory, simple(backend.url("/hung"), ""))) {
      player.play(10);
      Await.until("a request", daemon::story, () -> backend.unanswered() > unanswered);
      write(simple(backend.url("/other"), ""));
      daemon.signal("HUP");
      Await.until("the change", daemon::story, () -> reads(daemon));

      PackagedPop.End end = daemon.stop();

      assertThat(end.code()).as(end.err()).isZero();
      took = end.took();
    }
    SpoolOnDisk spool = new SpoolOnDisk(directory.resolve("spool"), "billing");
    assertThat(spool.waiting()).hasSize(onDisk);
    return took;
  }

  @Test
  void aSecretInAFileIsReadAgain() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            seen.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.sendResponseHeaders(204, -1);
          }
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    Files.writeString(directory.resolve("token"), "Bearer h1dden-1\n");
    try (PackagedPop daemon =
        PackagedPop.run(directory, simple(url, ", authorization: \"${file:token}\""))) {
      player.play(1);
      Await.until("a request", daemon::story, () -> seen.contains("Bearer h1dden-1"));
      renameIn("token", "Bearer h1dden-2\n");

      daemon.signal("HUP");

      awaitCount(daemon, APPLIED + "pop.yaml: sinks changed: billing\n", 1);
      player.play(1);
      Await.until("another", daemon::story, () -> seen.contains("Bearer h1dden-2"));
      daemon.signal("HUP");
      awaitCount(daemon, APPLIED + "pop.yaml: nothing has changed\n", 1);
      assertThat(daemon.err()).doesNotContain("h1dden");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aPackagesNewAddressGetsTheBacklogFromTheProcessThatRuns() throws Exception {
    backend.follow(request -> request.path().equals("/old") ? Answer.of(503, "off") : Answer.TAKEN);
    Path scratch = directory.resolve("scratch");
    waiting(scratch.resolve("pop"), 20);
    renameIn("config.json", "{\"url\": \"" + backend.url("/old") + "\", \"min_interval\": 0}");
    try (PackagedPop daemon =
        PackagedPop.start(directory, Map.of("SCRATCH", scratch.toString()), "run")) {
      daemon.awaitLog("does not deliver");
      renameIn("config.json", "{\"url\": \"\", \"min_interval\": 0}");
      awaitCount(daemon, REFUSED, 1);

      renameIn("config.json", "{\"url\": \"" + backend.url("/new") + "\", \"min_interval\": 0}");

      backend.books("/new").awaitDistinct(20);
      awaitCount(daemon, APPLIED + "config.json: sinks changed: backend\n", 1);
      assertThat(count(daemon, REFUSED)).as("said once").isEqualTo(1);
      assertThat(backend.books("/new").repeats()).isZero();
      assertThat(backend.books("/new").wrong()).isEmpty();
    }
  }

  /** Events as an earlier run would have left them. */
  private static void waiting(Path directory, int count) throws IOException {
    List<PopEvent> events =
        IntStream.range(0, count)
            .mapToObj(
                i -> new String(new Play(0, i).bytes(), java.nio.charset.StandardCharsets.UTF_8))
            .map(PopEvent::of)
            .toList();
    try (FileStorage storage = FileStorage.open(directory, TimeSource.system());
        Spool spool =
            storage.openSpool("backend", SpoolPolicy.defaults(), BatchPolicy.defaults(), false)) {
      assertThat(spool.append(events)).isEqualTo(Spool.Append.KEPT);
      spool.sync();
    }
  }
}
