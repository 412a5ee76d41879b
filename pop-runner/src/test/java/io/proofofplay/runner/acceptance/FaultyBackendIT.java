package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.SpoolOnDisk.Line;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a backend answers: every good event arrives once and in order, and what it will never
 * take is a dead letter with its answer.
 */
class FaultyBackendIT {

  private static final int POISON_EVERY = 1_000;

  /** So that a request has some hundred events, but a test some hundred requests. */
  private static final int LARGEST_BATCH = 250;

  private final FlowPlayer player = new FlowPlayer();
  private FaultyBackend backend;

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    if (backend != null) {
      backend.close();
    }
  }

  @Test
  void aBackendThatIsAwayAtFirstGetsEverythingOnce() throws Exception {
    int events = Effort.events() / 4;
    // Bound, so that nobody else takes the port, and not listening, so that nobody can connect.
    SocketChannel place = SocketChannel.open();
    place.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    int port = ((InetSocketAddress) place.getLocalAddress()).getPort();
    try (TallyRun run =
            TallyRun.of(
                "FaultyBackendIT.aBackendThatIsAwayAtFirstGetsEverythingOnce",
                "a backend that is away at first");
        PackagedPop daemon = start("http://127.0.0.1:" + port + "/pop")) {
      player.play(events);
      onDisk(events, daemon);
      daemon.awaitLog("does not deliver");
      long until = System.nanoTime() + Effort.outage().toNanos();
      Await.until("the end of the outage", daemon::story, () -> System.nanoTime() - until >= 0);
      isLiveAndReady(new Ops(daemon), "nobody listens");
      place.close();
      run.round(1);
      backend = new FaultyBackend(port, request -> Answer.TAKEN);
      allArrived(run, "away for " + Effort.outage().toSeconds() + " s", daemon, events, Set.of());
      run.held();
    }
  }

  /** Nothing that is wrong with a backend is mended by a restart of the relay. */
  @Test
  void theDaemonIsLiveAndReadyInWhicheverWayItsBackendFails() throws Exception {
    int events = Effort.events() / 20;
    backend = new FaultyBackend(request -> Answer.BUSY);
    try (PackagedPop daemon =
        start(backend.url("/pop"), "batch: {maxEvents: 500, minInterval: 20ms}", "timeout: 1s")) {
      Ops ops = new Ops(daemon);
      player.play(events);
      // Those of 5xx apart: after many of them in a row single events are compared.
      for (int status : List.of(500, 401, 502, 403, 503, 404, 302, 429)) {
        int before = backend.answers(status);
        backend.follow(request -> Answer.of(status, "no"));
        Await.until(
            "two answers of " + status, daemon::story, () -> backend.answers(status) >= before + 2);
        isLiveAndReady(ops, "answers " + status);
      }
      int silent = backend.unanswered();
      backend.follow(request -> Answer.SILENCE);
      Await.until("silence", daemon::story, () -> backend.unanswered() >= silent + 2);
      isLiveAndReady(ops, "answers nothing");
      backend.follow(request -> Answer.TAKEN);
      Books books = backend.books("/pop");
      books.awaitDistinct(events);
      isLiveAndReady(ops, "is well again");
      assertThat(books.wrong()).isEmpty();
      assertThat(spool().drops()).isEmpty();
      assertThat(spool().deadLetters()).isEmpty();
      assertThat(daemon.stop().code()).isZero();
    }
  }

  private static void isLiveAndReady(Ops ops, String backend) {
    assertThat(ops.status("/live")).as("/live while the backend %s", backend).isEqualTo(200);
    assertThat(ops.status("/ready")).as("/ready while the backend %s", backend).isEqualTo(200);
  }

  @Test
  void a503OnEverySecondRequestCostsNoEventAndSendsNoneTwice() throws Exception {
    int events = Effort.events() / 4;
    backend =
        new FaultyBackend(
            request -> request.ordinal() % 2 == 0 ? Answer.of(503, "busy") : Answer.TAKEN);
    try (TallyRun run =
            TallyRun.of(
                "FaultyBackendIT.a503OnEverySecondRequestCostsNoEventAndSendsNoneTwice",
                "503 on every second request");
        PackagedPop daemon = start(backend.url("/pop"))) {
      player.play(events);
      allArrived(run, "503 on every second request", daemon, events, Set.of());
      assertThat(backend.answers(503)).isEqualTo(backend.requests() / 2);
      run.held();
    }
  }

  @Test
  void a429IsAnsweredByThePauseItAsksFor() throws Exception {
    int events = Effort.events() / 10;
    Pauses pauses = new Pauses(Effort.pause());
    backend = new FaultyBackend(pauses);
    try (TallyRun run =
            TallyRun.of(
                "FaultyBackendIT.a429IsAnsweredByThePauseItAsksFor",
                "429 with a pause on every eighth request");
        PackagedPop daemon = start(backend.url("/pop"))) {
      player.play(events);
      allArrived(
          run,
          "429 with Retry-After: " + Effort.pause().toSeconds() + " on every eighth request",
          daemon,
          events,
          Set.of());
      assertThat(pauses.broken()).as("requests within a pause").isZero();
      assertThat(backend.answers(429)).isPositive();
      run.held();
    }
  }

  /** Asks for a pause on some requests, and counts the requests that come within one. */
  private static final class Pauses implements FaultyBackend.Rule {
    private final Duration pause;
    private long until = System.nanoTime();
    private int broken;

    Pauses(Duration pause) {
      this.pause = pause;
    }

    @Override
    public synchronized Answer answer(FaultyBackend.Request request) {
      long now = System.nanoTime();
      if (now - until < 0) {
        broken++;
      }
      if (request.ordinal() % 8 != 1) {
        return Answer.TAKEN;
      }
      until = now + pause.toNanos();
      return new Answer(429, "" + pause.toSeconds(), "slow down");
    }

    synchronized int broken() {
      return broken;
    }
  }

  @Test
  void a413OverALimitIsRememberedAndCostsNoEvent() throws Exception {
    int events = Effort.events() / 4;
    backend =
        new FaultyBackend(
            request -> request.bytes() > 64 * 1024 ? Answer.of(413, "too large") : Answer.TAKEN);
    try (TallyRun run =
            TallyRun.of(
                "FaultyBackendIT.a413OverALimitIsRememberedAndCostsNoEvent", "413 over 64 KiB");
        PackagedPop daemon = start(backend.url("/pop"), "batch: {minInterval: 20ms}")) {
      player.play(events);
      allArrived(run, "413 over 64 KiB", daemon, events, Set.of());
      // Remembered: not each batch finds it out anew.
      assertThat(backend.answers(413)).isPositive().isLessThan(backend.answers(200) / 4 + 2);
      run.held();
    }
  }

  @Test
  void aPoisonInEveryThousandIsFoundAloneAndBecomesADeadLetter() throws Exception {
    int events = Effort.events() / 2;
    backend = new FaultyBackend(FaultyBackendIT::refusingPoison);
    Set<Integer> poison = new TreeSet<>();
    for (int number = POISON_EVERY / 2; number < events; number += POISON_EVERY) {
      poison.add(number);
    }
    try (TallyRun run =
            TallyRun.of(
                "FaultyBackendIT.aPoisonInEveryThousandIsFoundAloneAndBecomesADeadLetter",
                "422 for one event in a thousand");
        PackagedPop daemon = start(backend.url("/pop"))) {
      player.play(events);
      allArrived(run, "one poison in " + POISON_EVERY, daemon, events, poison);
      run.held();
    }
  }

  private static Answer refusingPoison(FaultyBackend.Request request) {
    for (byte[] event : request.events()) {
      Play play = Play.of(event);
      if (play.number() % POISON_EVERY == POISON_EVERY / 2) {
        return Answer.of(422, "no such asset: " + play.uuid());
      }
    }
    return Answer.TAKEN;
  }

  private PackagedPop start(String url) throws IOException {
    return start(url, "batch: {maxEvents: " + LARGEST_BATCH + ", minInterval: 20ms}");
  }

  private PackagedPop start(String url, String... more) throws IOException {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("retry: {initial: 20ms, max: 500ms}");
    return PackagedPop.run(
        directory,
        Ops.LISTEN + Yaml.delivering(player.port(), url, settings.toArray(String[]::new)));
  }

  private void onDisk(int events, PackagedPop daemon) {
    Await.until(
        events + " events on disk", daemon::story, () -> spool().waiting().size() == events);
  }

  private void allArrived(
      TallyRun run, String fault, PackagedPop daemon, int events, Set<Integer> poison)
      throws IOException {
    Books books = backend.books("/pop");
    books.awaitDistinct(events - poison.size());
    Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
    run.known(new Ops(daemon).accepted());
    PackagedPop.End end = daemon.stop();
    count(run, events);

    assertThat(end.code()).as(end.err()).isZero();
    assertThat(books.wrong()).isEmpty();
    assertThat(books.repeats()).isZero();
    assertThat(books.distinct()).isEqualTo(events - poison.size());
    assertThat(spool().drops()).isEmpty();
    List<Line> dead = spool().deadLetters();
    assertThat(dead).hasSize(poison.size());
    for (Line letter : dead) {
      Play play = Play.of(letter.get("event").getBytes(StandardCharsets.UTF_8));
      assertThat(poison).contains(play.number());
      assertThat(letter.get("event")).isEqualTo(new String(play.bytes(), StandardCharsets.UTF_8));
      assertThat(letter.get("status")).isEqualTo("422");
      assertThat(letter.get("answer")).contains("no such asset: " + play.uuid());
    }
    System.out.printf(
        "FaultyBackendIT: %s: %d accepted, %d delivered, %d dead, 0 lost, 0 repeated, %d requests,"
            + " answered %s%n",
        fault, events, books.distinct(), dead.size(), backend.requests(), backend.answers());
  }

  /** A request is a round, and one that is not answered with 200 has met a fault. */
  private void count(TallyRun run, int events) throws IOException {
    Books books = backend.books("/pop");
    int found = books.distinct() + spool().deadLetters().size();
    run.rounds(backend.requests(), backend.requests() - backend.answers(200));
    run.events(found, Math.max(0, events - found), books.repeats());
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }
}
