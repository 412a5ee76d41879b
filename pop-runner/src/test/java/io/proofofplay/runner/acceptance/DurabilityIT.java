package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.acceptance.SpoolOnDisk.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a kill and a stop cost, for every {@code durability} and every {@code whenFull}, as
 * documented. All of them are sinks of one daemon, fed with the same events.
 */
class DurabilityIT {

  private static final List<String> DURABILITIES = List.of("on-failure", "interval", "write-ahead");

  /**
   * Drop-oldest at the end: it always takes the newest, so it tells what all others were offered.
   */
  private static final List<String> WHEN_FULL = List.of("block", "drop-newest", "drop-oldest");

  private static final Map<String, String> REASONS =
      Map.of("block", "full-blocked", "drop-newest", "full-newest", "drop-oldest", "full-oldest");

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void aKillLosesWhatOneMinIntervalGatheredInMemoryAndNothingOnDisk() throws Exception {
    int gathered = 300;
    try (PackagedPop daemon = run("1h")) {
      player.play(1);
      for (String sink : DURABILITIES) {
        books(sink).awaitDistinct(1);
      }
      player.play(gathered);
      onDisk("write-ahead", gathered, daemon);
      onDisk("interval", gathered, daemon);
      daemon.kill();
    }
    assertThat(spool("write-ahead").waiting()).hasSize(gathered);
    assertThat(spool("interval").waiting()).hasSize(gathered);
    assertThat(spool("on-failure").waiting()).isEmpty();

    player.hold();
    try (PackagedPop daemon = run("0s")) {
      books("write-ahead").awaitDistinct(1 + gathered);
      books("interval").awaitDistinct(1 + gathered);
      stopped(daemon);
    }
    assertThat(books("on-failure").distinct()).isEqualTo(1);
    DURABILITIES.forEach(this::nothingIsWrong);
    System.out.printf(
        "DurabilityIT: kill between two submissions: 1 delivered and %d accepted; lost: write-ahead"
            + " 0, interval 0, on-failure %d (what one minInterval gathered)%n",
        gathered, 1 + gathered - books("on-failure").distinct());
  }

  @Test
  void aStopLosesNothingInAnyDurability() throws Exception {
    int gathered = 300;
    try (PackagedPop daemon = run("1h")) {
      player.play(1);
      for (String sink : DURABILITIES) {
        books(sink).awaitDistinct(1);
      }
      player.play(gathered);
      onDisk("write-ahead", gathered, daemon);
      stopped(daemon);
    }
    player.hold();
    try (PackagedPop daemon = run("0s")) {
      for (String sink : DURABILITIES) {
        books(sink).awaitDistinct(1 + gathered);
      }
      stopped(daemon);
    }
    DURABILITIES.forEach(this::nothingIsWrong);
    System.out.printf(
        "DurabilityIT: stop between two submissions: %d accepted; lost: write-ahead 0, interval 0,"
            + " on-failure 0; 0 repeated%n",
        1 + gathered);
  }

  @Test
  void inAnOutageAKillLosesNothingInAnyDurability() throws Exception {
    int gathered = 300;
    backend.follow(request -> Answer.BUSY);
    try (PackagedPop daemon = run("0s")) {
      player.play(gathered);
      for (String sink : DURABILITIES) {
        onDisk(sink, gathered, daemon);
      }
      daemon.kill();
    }
    player.hold();
    backend.follow(request -> Answer.TAKEN);
    try (PackagedPop daemon = run("0s")) {
      for (String sink : DURABILITIES) {
        books(sink).awaitDistinct(gathered);
      }
      stopped(daemon);
    }
    DURABILITIES.forEach(this::nothingIsWrong);
    System.out.printf(
        "DurabilityIT: kill in an outage: %d accepted; lost: write-ahead 0, interval 0, on-failure"
            + " 0; 0 repeated%n",
        gathered);
  }

  @Test
  void aFullSpoolLosesWhatItsPolicySaysAndTheLedgerHasEveryEvent() throws Exception {
    int played = 9_000;
    Set<String> asked = ConcurrentHashMap.newKeySet();
    backend.follow(
        request -> {
          asked.add(request.path());
          return Answer.BUSY;
        });
    List<String> sinks = new ArrayList<>();
    for (String whenFull : WHEN_FULL) {
      for (String durability : DURABILITIES) {
        sinks.add(durability + "_" + whenFull);
      }
    }
    try (PackagedPop daemon = run(sinks, "0s")) {
      // The first is on its way everywhere before there is anything to give up.
      player.play(1);
      Await.until(
          "a request of every sink",
          () -> asked + daemon.story(),
          () -> asked.size() == sinks.size());
      player.play(played - 1);
      for (String sink : sinks) {
        Await.until(
            "all events on disk or in the ledger of " + sink,
            () -> waitingAndDropped(sink) + daemon.story(),
            () -> spool(sink).waiting().size() + spool(sink).dropped() == played);
      }
      daemon.kill();
    }
    Map<String, Integer> dropped = new TreeMap<>();
    for (String sink : sinks) {
      dropped.put(sink, spool(sink).dropped());
      assertThat(spool(sink).waiting().size() + dropped.get(sink)).as(sink).isEqualTo(played);
    }
    player.hold();
    backend.follow(request -> Answer.TAKEN);
    try (PackagedPop daemon = run(sinks, "0s")) {
      for (String sink : sinks) {
        books(sink).awaitDistinct(played - dropped.get(sink));
        Await.until("an empty spool", daemon::story, () -> spool(sink).waiting().isEmpty());
      }
      stopped(daemon);
    }
    for (String sink : sinks) {
      nothingIsWrong(sink);
      assertThat(spool(sink).dropped()).as(sink).isEqualTo(dropped.get(sink)).isPositive();
      assertThat(books(sink).distinct() + dropped.get(sink)).as(sink).isEqualTo(played);
      ledgerNamesWhatIsMissing(sink, played);
      String whenFull = sink.substring(sink.indexOf('_') + 1);
      assertThat(books(sink).has(new Play(0, 0))).as(sink + ": the first, being sent").isTrue();
      if (whenFull.equals("drop-oldest")) {
        assertThat(books(sink).has(new Play(0, played - 1))).as(sink + ": the newest").isTrue();
      }
    }
    System.out.printf(
        "DurabilityIT: full spools and a kill: %d played to each of %d sinks, %d delivered, given up"
            + " and in the ledger: %s; lost 0, repeated 0%n",
        played,
        sinks.size(),
        sinks.stream().mapToInt(sink -> books(sink).distinct()).sum(),
        dropped);
  }

  /**
   * Each run of drops begins and ends with an event that never arrived, and has the right reason.
   */
  private void ledgerNamesWhatIsMissing(String sink, int played) throws IOException {
    BitSet missing = new BitSet();
    missing.set(0, played);
    missing.andNot(books(sink).taken().get(0));
    String reason = REASONS.get(sink.substring(sink.indexOf('_') + 1));
    for (Line drop : spool(sink).drops()) {
      assertThat(drop.get("sink")).isEqualTo(sink);
      assertThat(drop.get("reason")).isEqualTo(reason);
      int first = numberOf(drop.get("firstUuid"));
      int last = numberOf(drop.get("lastUuid"));
      int count = Integer.parseInt(drop.get("count"));
      assertThat(last - first + 1).as("%s: %s", sink, drop).isEqualTo(count);
      assertThat(missing.get(first, last + 1).cardinality())
          .as("%s: %s", sink, drop)
          .isEqualTo(count);
      missing.clear(first, last + 1);
    }
    assertThat(missing.isEmpty()).as(sink + ": not in the ledger: " + missing).isTrue();
  }

  private static int numberOf(String uuid) {
    return Integer.parseInt(uuid.substring(uuid.lastIndexOf('-') + 1), 16);
  }

  private PackagedPop run(String minInterval) throws IOException {
    return run(DURABILITIES, minInterval);
  }

  private PackagedPop run(List<String> sinks, String minInterval) throws IOException {
    StringBuilder yaml = new StringBuilder();
    yaml.append("sources:\n  lobby: {type: infobeamer, port: ").append(player.port()).append("}\n");
    yaml.append("sinks:\n");
    for (String sink : sinks) {
      String[] policies = sink.split("_", 2);
      yaml.append("  ").append(sink).append(":\n    type: http\n");
      yaml.append("    url: ").append(backend.url("/" + sink)).append('\n');
      yaml.append("    batch: {maxBytes: 64KiB, minInterval: ").append(minInterval).append("}\n");
      yaml.append("    retry: {initial: 50ms, max: 500ms}\n");
      yaml.append("    spool: {durability: ").append(policies[0]);
      yaml.append(", interval: 100ms, maxBytes: 1MiB, maxBlock: 100ms, whenFull: ");
      yaml.append(policies.length > 1 ? policies[1] : "block").append("}\n");
    }
    return PackagedPop.run(directory, yaml.toString());
  }

  private void onDisk(String sink, int events, PackagedPop daemon) {
    Await.until(
        events + " events of " + sink + " on disk",
        daemon::story,
        () -> spool(sink).waiting().size() == events);
  }

  private static void stopped(PackagedPop daemon) throws IOException {
    PackagedPop.End end = daemon.stop();
    assertThat(end.code()).as(end.err()).isZero();
  }

  private void nothingIsWrong(String sink) {
    assertThat(books(sink).wrong()).as(sink).isEmpty();
    assertThat(books(sink).repeats()).as(sink).isZero();
  }

  private String waitingAndDropped(String sink) {
    try {
      return spool(sink).waiting().size() + " on disk, " + spool(sink).dropped() + " dropped\n";
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Books books(String sink) {
    return backend.books("/" + sink);
  }

  private SpoolOnDisk spool(String sink) {
    return new SpoolOnDisk(directory.resolve("spool"), sink);
  }
}
