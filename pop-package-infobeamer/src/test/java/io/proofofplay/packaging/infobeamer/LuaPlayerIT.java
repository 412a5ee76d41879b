package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A player with {@code pop.lua}, the packaged relay and a backend, over sockets. */
@Timeout(300)
final class LuaPlayerIT {

  /** How long the relay is away. */
  private static final Duration AWAY =
      Duration.ofSeconds(
          Integer.getInteger("pop.away.seconds", Boolean.getBoolean("pop.torture") ? 30 : 2));

  @TempDir private Path directory;

  @Test
  void everyEventIsOnceAtTheBackendAndInOrderWhateverTheConnectionDoes() throws Exception {
    try (LuaPlayer player = new LuaPlayer();
        Backend backend = new Backend()) {
      Path folder = node(player, backend);
      player.say("play 20");
      try (Service relay = Service.start(folder, directory)) {
        backend.awaitEvents(20, relay);
        player.say("play 5");
        player.say("reload");
        player.say("play 5");
        backend.awaitEvents(30, relay);

        player.say("away");
        int played = playWhileAway(player);
        player.say("back");
        backend.awaitEvents(30 + played, relay);

        player.say("cut");
        player.say("play 10");
        backend.awaitEvents(40 + played, relay);
        assertThat(relay.log()).contains("left out events that had come before");
        assertThat(relay.stop()).as(relay.log()).isZero();
      }
      player.say("play 10");
      try (Service relay = Service.start(folder, directory)) {
        List<String> before = player.say("told");
        backend.awaitEvents(before.size(), relay);
        // What is told twice stands before this one.
        player.say("play 1");
        backend.awaitEvents(before.size() + 1, relay);

        List<String> told = player.say("told");
        assertThat(backend.uuids()).containsExactlyElementsOf(told);
        assertThat(told).doesNotHaveDuplicates();
        assertThat(relay.log()).doesNotContain("refused a line");
        System.out.printf(
            "LuaPlayerIT: %d told by pop.lua, %d delivered, 0 lost, 0 repeated, in order; away for"
                + " %d s, cut once, reloaded once, the relay stopped and started once%n",
            told.size(), backend.uuids().size(), AWAY.toSeconds());
      }
    }
  }

  /** What is on the device: the service's folder, with a configuration. */
  private Path node(LuaPlayer player, Backend backend) throws Exception {
    Path folder = Service.unpacked(directory.resolve("node"));
    Files.writeString(
        folder.resolve("pop.yaml"),
        """
        sources:
          player: {type: infobeamer, port: %d}
        sinks:
          backend: {type: http, url: "%s", batch: {minInterval: 50ms}}
        """
            .formatted(player.port(), backend.url("/pop")));
    return folder;
  }

  /** The show goes on. */
  private static int playWhileAway(LuaPlayer player) throws Exception {
    long until = System.nanoTime() + AWAY.toNanos();
    int played = 0;
    while (System.nanoTime() - until < 0) {
      player.say("play 10");
      played += 10;
      LockSupport.parkNanos(AWAY.toNanos() / 20);
    }
    return played;
  }

  @Test
  void afterAKillWhatTheRingHoldsComesAgainAndNothingIsLost() throws Exception {
    try (LuaPlayer player = new LuaPlayer();
        Backend backend = new Backend()) {
      Path folder = node(player, backend);
      player.say("play 7");
      try (Service relay = Service.start(folder, directory)) {
        backend.awaitEvents(7, relay);
        relay.kill();
      }
      player.say("play 3");
      try (Service relay = Service.start(folder, directory)) {
        Await.until(
            "all 10",
            relay::log,
            () -> backend.uuids().stream().distinct().count() == 10 || relay.hasEnded());
        List<String> told = player.say("told");
        assertThat(backend.uuids().stream().distinct()).containsExactlyElementsOf(told);
      }
    }
  }
}
