package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.proofofplay.runner.acceptance.HostilePlayer.Caller;
import io.proofofplay.runner.acceptance.HostilePlayer.Script;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of hostile player at once on one daemon with the heap that it is shipped with, and a
 * well-behaved neighbour: it loses nothing and is not held up, nobody is called over and over, the
 * log stays readable.
 */
class HostilePlayersIT {

  private static final int MEBI = 1024 * 1024;
  private static final int LONGEST_LINE = MEBI;

  /** How often a back-off that doubles from 200 ms to 30 s can come round meanwhile. */
  private static final int MOST_CALLS = 40;

  private static final int MOST_LOG_LINES = 250;

  /** As docs/operations.md has it for so many sources, each sending what takes the most memory. */
  private static final int MOST_MEBI = 112;

  /** How many events come byte by byte, and how long each byte takes. */
  private static final int DRIPS = Effort.isTorture() ? 3 : 10;

  private static final Duration DRIP = Duration.ofMillis(Effort.isTorture() ? 1_000 : 20);

  /** How many events the neighbour plays at a time. */
  private static final int AT_A_TIME = 10;

  /**
   * The longest that an event of the neighbour may take to the backend. It is behind all that the
   * others have sent before it, which is ten times as much in a long run, and the machine is busy.
   */
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(Effort.isTorture() ? 60 : 10);

  private static final Pattern UUID = Pattern.compile("\"uuid\":\"([^\"]{1,40})");

  private final FlowPlayer neighbour = new FlowPlayer();
  private final RoundTrips trips = new RoundTrips(neighbour, AT_A_TIME);
  private final List<HostilePlayer> hostile = new ArrayList<>();
  private final Queue<Play> played = new ConcurrentLinkedQueue<>();
  private final Queue<String> altered = new ConcurrentLinkedQueue<>();
  private final Queue<String> strange = new ConcurrentLinkedQueue<>();
  private HttpServer backend;

  /** How many of the neighbour's events have not come, once no more can come. */
  private int lost;

  @TempDir Path directory;

  @BeforeEach
  void open() throws IOException {
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    backend.createContext("/", this::take);
    backend.start();
  }

  @AfterEach
  void close() {
    neighbour.close();
    hostile.forEach(HostilePlayer::close);
    backend.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      for (byte[] event : FaultyBackend.split(exchange.getRequestBody().readAllBytes())) {
        String text = new String(event, StandardCharsets.UTF_8);
        if (text.contains("-0000-4000-8000-")) {
          Play play = Play.of(event);
          if (!Arrays.equals(event, play.bytes())) {
            // Told by the test: what is thrown here would only be another answer to the relay.
            altered.add(play + " came as " + text);
          }
          played.add(play);
          trips.arrived();
        } else {
          Matcher uuid = UUID.matcher(text);
          strange.add((uuid.find() ? uuid.group(1) : "?") + " " + text.length());
        }
      }
      exchange.sendResponseHeaders(200, -1);
    }
  }

  @Test
  void allOfThemAtOnceCostTheNeighbourNothing() throws Exception {
    int least = Effort.events() / 10;
    int lines = Effort.isTorture() ? 1_000_000 : 100_000;
    int endless = Effort.isTorture() ? 1024 : 128;
    players(lines, endless);
    int refused = lines + 3 + 4 + 2 + BadLines.ALL.size();

    try (TallyRun run =
            TallyRun.of(
                    "HostilePlayersIT.allOfThemAtOnceCostTheNeighbourNothing",
                    hostile.size() + " hostile players, one neighbour")
                .accepted(() -> (long) neighbour.events() + strange.size())
                .lost(() -> lost)
                .repeated(() -> (long) played.size() - Set.copyOf(played).size());
        PackagedPop daemon = PackagedPop.run(directory, configuration())) {
      neighbour.awaitConnections(1);
      for (String after : List.of("endless", "long", "deep", "bad", "keys", "digits", "name")) {
        awaitMeanwhile(
            "the event behind what is " + after,
            daemon,
            () -> strange.contains("after-" + after + " " + after(after).length()));
      }
      awaitMeanwhile("the refused lines", daemon, () -> refusedIs(refused));
      // Each player is one fault, and not each of the many lines of one that does nothing else.
      run.round(hostile.size());
      awaitMeanwhile("the tiny events", daemon, () -> count("tiny ") >= lines);
      awaitMeanwhile("the odd events", daemon, () -> count("same ") == 2 && count("keys ") == 4);
      awaitMeanwhile("the events that drip", daemon, () -> count("drip ") >= DRIPS);
      Duration delay = trips.longest();
      int events = Math.max(least, trips.events());
      neighbour.play(events - trips.events());
      await("the neighbour's events", daemon, () -> played.size() >= events);
      int peak = daemon.peakKiB();
      PackagedPop.End end = daemon.stop();
      lost = events - Set.copyOf(played).size();

      assertThat(end.code()).as(end.err()).isZero();
      assertThat(delay).as("the longest way of the neighbour's events").isLessThan(LONGEST_DELAY);
      assertThat(peak / 1024).as("MiB resident at most").isLessThanOrEqualTo(MOST_MEBI);
      assertThat(altered).isEmpty();
      assertThat(List.copyOf(played)).isEqualTo(sent(events));
      assertThat(count("tiny ")).isEqualTo(lines);
      assertThat(count("keys ")).isEqualTo(4);
      assertThat(count("drip ")).isEqualTo(DRIPS);
      assertThat(count("uuu")).isEqualTo(1);
      for (HostilePlayer each : hostile) {
        assertThat(each.faults()).as(each.name()).isEmpty();
        assertThat(each.connections()).as(each.name()).isBetween(1, MOST_CALLS);
      }
      assertThat(end.err().lines().count()).isLessThan(MOST_LOG_LINES);
      // Changes are told, not attempts, and how long nobody listened.
      assertThat(end.err().lines().filter(line -> line.contains("source mute:"))).hasSize(1);
      assertThat(end.err())
          .containsPattern("source leaving: connected to \"leaving\" after \\w+ without it");
      assertThat(Files.size(directory.resolve("spool/rejected.ndjson"))).isLessThan(17L * MEBI);
      System.out.printf(
          "HostilePlayersIT: %d hostile players, %d refused lines, %d MiB without a line end, %d of"
              + " %d of the neighbour's events, each within %d ms, %d log lines, %d MiB resident at"
              + " most, calls %s%n",
          hostile.size(),
          refused,
          endless,
          played.size(),
          events,
          delay.toMillis(),
          end.err().lines().count(),
          peak / 1024,
          calls());
      run.held();
    }
  }

  /** Each by itself is harmless; together they ask for more memory than there is. */
  @Test
  void fortyThatStandStillInALongLineCostTheNeighbourNothing() throws Exception {
    int events = Effort.events() / 10;
    int stalled = 40;
    CountDownLatch mayEnd = new CountDownLatch(1);
    for (int i = 0; i < stalled; i++) {
      String name = "stalled-" + i;
      large(
          name,
          c -> {
            c.say("x".repeat(600 * 1024));
            mayEnd.await();
            c.say("\n");
          });
    }
    large("honest", c -> c.say("{\"uuid\":\"large\",\"v\":\"" + "v".repeat(1_000_000) + "\"}\n"));

    try (TallyRun run =
            TallyRun.of(
                    "HostilePlayersIT.fortyThatStandStillInALongLineCostTheNeighbourNothing",
                    stalled + " players in the middle of a long line, one neighbour")
                .accepted(() -> (long) neighbour.events() + strange.size())
                .lost(() -> lost)
                .repeated(() -> (long) played.size() - Set.copyOf(played).size());
        PackagedPop daemon = PackagedPop.run(directory, configuration())) {
      await("all of them", daemon, () -> hostile.stream().allMatch(h -> h.connections() > 0));
      neighbour.play(events);
      await("the neighbour's events", daemon, () -> played.size() >= events);
      mayEnd.countDown();
      for (HostilePlayer each : hostile) {
        String after = "after-" + each.name() + " " + after(each.name()).length();
        await(after, daemon, () -> strange.contains(after));
      }
      await("their lines", daemon, () -> refusedIs(stalled));
      run.round(stalled);
      await("the honest one's event", daemon, () -> count("large ") == 1);
      int peak = daemon.peakKiB();
      PackagedPop.End end = daemon.stop();
      lost = events - Set.copyOf(played).size();

      assertThat(end.code()).as(end.err()).isZero();
      assertThat(peak / 1024).as("MiB resident at most").isLessThanOrEqualTo(MOST_MEBI);
      assertThat(altered).isEmpty();
      assertThat(List.copyOf(played)).isEqualTo(sent(events));
      hostile.forEach(each -> assertThat(each.connections()).as(each.name()).isOne());
      System.out.printf(
          "HostilePlayersIT: %d players in the middle of a long line, %d of %d of the neighbour's"
              + " events, %d MiB resident at most%n",
          stalled, played.size(), events, peak / 1024);
      run.held();
    }
  }

  /** All that the neighbour has sent, once each and in its order. */
  private static List<Play> sent(int events) {
    return IntStream.range(0, events).mapToObj(number -> new Play(0, number)).toList();
  }

  /** Waits as below; the neighbour plays on, a few events at a time. */
  private void awaitMeanwhile(String what, PackagedPop daemon, Await.Condition condition) {
    await(
        what,
        daemon,
        () -> {
          trips.goOn();
          return condition.holds();
        });
  }

  /** Waits, as long as there is somebody to wait for. */
  private static void await(String what, PackagedPop daemon, Await.Condition condition) {
    Await.until(
        what,
        daemon::story,
        () -> {
          assertThat(daemon.isAlive()).as(daemon.err()).isTrue();
          return condition.holds();
        });
  }

  private void players(int lines, int endless) {
    large("endless", c -> c.say("x".repeat(MEBI), endless).say("\n"));
    large("long", c -> c.say(("{\"uuid\":\"" + "x".repeat(10 * MEBI) + "\"}\n"), 3));
    large(
        "deep",
        c ->
            c.say("{\"uuid\":\"1\",\"a\":" + "[".repeat(LONGEST_LINE - 40) + "\n", 2)
                .say("[".repeat(5 * MEBI) + "\n")
                .say("{\"a\":".repeat(LONGEST_LINE / 5) + "\n"));
    // The keys of one such line are the most that a line makes a source keep.
    large("keys", c -> c.say(keys(), 2));
    player("too", c -> c.introduce().say(keys(), 2));
    large(
        "digits",
        c ->
            c.say("{\"uuid\":\"digits\",\"v\":" + "9".repeat(1_000_000) + "}\n")
                .say("{\"uuid\":\"digits\",\"v\":0." + "9".repeat(1_000_000) + "e-99999999999}\n"));
    large(
        "name",
        c ->
            c.say("{\"uuid\":\"" + "u".repeat(1_000_000) + "\"}\n")
                .say("u".repeat(2 * MEBI) + "\nx\n"));
    player(
        "bad",
        c -> {
          c.introduce();
          for (byte[] line : BadLines.ALL) {
            c.say(line).say("\n");
          }
          c.say(after("bad") + "\n");
        });
    player("tiny", c -> c.introduce().say("{\"uuid\":\"tiny\"}\n", c.isFirst() ? lines : 0));
    player("refused", c -> c.introduce().say("x\n", c.isFirst() ? lines : 0));
    player(
        "same",
        c -> c.introduce().say("{\"uuid\":\"same\",\"v\":1}\n{\"uuid\":\"same\",\"v\":22}\n"));
    player("headless", c -> c.greet().say("ok!\n"));
    player("foreign", c -> c.say("220 files.example.org ready\r\n"));
    player("babbling", c -> c.say("x".repeat(MEBI), 1000));
    player("missing", c -> c.greet().say("404\n"));
    player(
        "dripping",
        c -> c.drip("Info Beamer PI 1.0.0-hostile, very slow\n", Duration.ofSeconds(1)));
    player(
        "drip",
        c -> c.introduce().drip(c.isFirst() ? "{\"uuid\":\"drip\"}\n".repeat(DRIPS) : "", DRIP));
    player("mute", c -> {});
    player("resetting", Caller::reset);
    player("leaving", c -> c.introduce().reset());
  }

  /** One that sends lines of the longest length, and behind them an event. */
  private void large(String name, Script script) {
    player(
        name,
        c -> {
          c.introduce();
          script.play(c);
          c.say(after(name) + "\n");
        });
  }

  private void player(String name, Script script) {
    hostile.add(new HostilePlayer(name, script));
  }

  private static String after(String name) {
    return "{\"uuid\":\"after-" + name + "\"}";
  }

  private static String keys() {
    StringBuilder line = new StringBuilder("{\"uuid\":\"keys\"");
    for (int i = 0; line.length() < LONGEST_LINE - 20; i++) {
      line.append(",\"").append(Integer.toString(i, Character.MAX_RADIX)).append("\":1");
    }
    return line.append("}\n").toString();
  }

  private String configuration() {
    StringBuilder yaml = new StringBuilder("sources:\n");
    yaml.append("  neighbour: {type: infobeamer, port: ").append(neighbour.port()).append("}\n");
    for (HostilePlayer each : hostile) {
      yaml.append("  ")
          .append(each.name())
          .append(": {type: infobeamer, headerTimeout: 2s, repeatWindow: 0, port: ")
          .append(each.port())
          .append("}\n");
    }
    return yaml
        + "sinks:\n  billing: {type: http, url: \"http://127.0.0.1:"
        + backend.getAddress().getPort()
        + "/pop\", batch: {minInterval: 50ms}}\n";
  }

  private long count(String beginning) {
    return strange.stream().filter(each -> each.startsWith(beginning)).count();
  }

  /** Each refused line is one in the file or, by rotation, given up in favour of a newer one. */
  private boolean refusedIs(int wanted) throws IOException {
    long kept = 0;
    for (String name : List.of("rejected.ndjson", "rejected.1.ndjson")) {
      Path file = directory.resolve("spool").resolve(name);
      if (Files.exists(file)) {
        try (var lines = Files.lines(file)) {
          kept += lines.count();
        }
      }
    }
    return kept >= Math.min(wanted, 150_000);
  }

  private Map<String, Integer> calls() {
    Map<String, Integer> calls = new TreeMap<>();
    hostile.forEach(each -> calls.put(each.name(), each.connections()));
    return calls;
  }

  /** One line of every kind that is no event. */
  private static final class BadLines {

    static final List<byte[]> ALL =
        List.of(
            ascii("{\"uuid\":\"1\",\"uuid\":\"2\"}"),
            ascii("{\"uuid\":\"1\",\"a\":{\"b\":1,\"\\u0062\":2}}"),
            ascii("{\"uuid\":\"overlong \u00c0\u00af\"}"),
            ascii("{\"uuid\":\"overlong \u00e0\u0080\u00af\"}"),
            ascii("{\"uuid\":\"overlong \u00f0\u0080\u0080\u00af\"}"),
            ascii("{\"uuid\":\"surrogate \u00ed\u00a0\u0080\"}"),
            ascii("{\"uuid\":\"truncated \u00e2\u0082\"}"),
            ascii("{\"uuid\":\"beyond \u00f4\u0090\u0080\u0080\"}"),
            ascii("{\"uuid\":\"five bytes \u00f8\u0088\u0080\u0080\u0080\"}"),
            ascii("{\"uuid\":\"stray \u0080\"}"),
            ascii("{\"uuid\":\"1\"}\0"),
            ascii("\0{\0\"\0u\0u\0i\0d\0\"\0:\0\"\0001\0\"\0}"),
            ascii("{\"uuid\":\"\"}"),
            ascii("{\"uuid\":7}"),
            ascii("[{\"uuid\":\"1\"}]"),
            ascii("{\"uuid\":\"1\"}{\"uuid\":\"2\"}"),
            ascii("{'uuid':'1'}"),
            ascii("NaN"));

    private BadLines() {}

    private static byte[] ascii(String text) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }
}
