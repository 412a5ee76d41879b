package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.browser.Promtool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The books balance at every moment of a run with faults, as somebody sees who scrapes without a
 * pause; and what he gets is what Prometheus reads.
 */
class BooksMetricIT {

  private static final Pattern PORT = Pattern.compile("ops: listens on 127\\.0\\.0\\.1:(\\d+)");
  private static final int POISON_EVERY = 500;

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

  /** A bit of everything that a backend does. */
  private static Answer moody(FaultyBackend.Request request) {
    if (request.bytes() > 48 * 1024) {
      return Answer.of(413, "too large");
    }
    if (request.ordinal() % 7 == 3) {
      return Answer.of(503, "busy");
    }
    if (request.ordinal() % 7 == 5) {
      return Answer.BUSY;
    }
    for (byte[] event : request.events()) {
      if (Play.of(event).number() % POISON_EVERY == POISON_EVERY / 2) {
        return Answer.of(422, "no such asset");
      }
    }
    return Answer.TAKEN;
  }

  /** The sum of all samples whose series begins so. */
  private static double sum(String metrics, String begin) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static double offBy(String metrics) {
    return sum(metrics, "pop_events_recovered_total{")
        + sum(metrics, "pop_events_taken_total{")
        - sum(metrics, "pop_events_delivered_total{")
        - sum(metrics, "pop_events_waiting{")
        - sum(metrics, "pop_events_dead_total{")
        - sum(metrics, "pop_events_dropped_total{");
  }

  @Test
  void theBooksAreOffByNothingThroughoutARunWithFaults() throws Exception {
    int events = Effort.events() / 4;
    int poisons = events / POISON_EVERY;
    AtomicBoolean seen = new AtomicBoolean();
    // Nothing is taken before somebody has seen it wait: a fast machine would be done too soon.
    backend = new FaultyBackend(request -> seen.get() ? moody(request) : Answer.BUSY);
    try (PackagedPop daemon =
        PackagedPop.run(
            directory,
            Ops.LISTEN
                + Yaml.delivering(
                    player.port(),
                    backend.url("/pop"),
                    "batch: {maxEvents: 250, minInterval: 20ms}",
                    "retry: {initial: 20ms, max: 200ms}"))) {
      daemon.awaitLog("relay: runs");
      String metrics = metricsUrl(daemon);
      AtomicBoolean over = new AtomicBoolean();
      CompletableFuture<Integer> scrapes =
          CompletableFuture.supplyAsync(() -> scrape(metrics, over, seen));
      player.play(events);
      Books books = backend.books("/pop");
      books.awaitDistinct(events - poisons);
      SpoolOnDisk spool = new SpoolOnDisk(directory.resolve("spool"), "billing");
      Await.until("an empty spool", daemon::story, () -> spool.waiting().isEmpty());
      over.set(true);

      int count = scrapes.get();
      assertThat(seen).as("a scrape in the middle of it").isTrue();
      String last = get(metrics);
      assertThat(sum(last, "pop_events_accepted_total{")).isEqualTo(events);
      assertThat(sum(last, "pop_events_dead_total{")).isEqualTo(poisons);
      assertThat(sum(last, "pop_submissions_total{sink=\"billing\",verdict=\"rejected\""))
          .isPositive();
      assertThat(sum(last, "pop_submissions_total{sink=\"billing\",verdict=\"later\""))
          .isPositive();
      assertThat(Promtool.find().check(last, "check", "metrics")).isEmpty();
      System.out.printf(
          "BooksMetricIT: %d events, answered %s; %d scrapes, each off by 0%n",
          events, backend.answers(), count);
    }
  }

  private static String metricsUrl(PackagedPop daemon) throws IOException {
    Matcher port = PORT.matcher(daemon.err());
    assertThat(port.find()).isTrue();
    return "http://127.0.0.1:" + port.group(1) + "/metrics";
  }

  /** How many scrapes there were, each of which was off by nothing. */
  private static int scrape(String url, AtomicBoolean over, AtomicBoolean seen) {
    try {
      int count = 0;
      while (!over.get()) {
        String metrics = get(url);
        count++;
        assertThat(metrics).contains("pop_events_imbalance{sink=\"billing\"} 0.0\n");
        assertThat(offBy(metrics)).as(metrics).isZero();
        if (sum(metrics, "pop_events_waiting{") > 0) {
          seen.set(true);
        }
      }
      return count;
    } catch (AssertionError e) {
      // Nobody looks any more, so that there is nothing to wait for.
      seen.set(true);
      throw e;
    }
  }

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static String get(String url) {
    try {
      HttpResponse<String> answer =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(url)).timeout(Await.GENEROUS).build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
