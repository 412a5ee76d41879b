package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.SpoolOnDisk.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What became of everything that was sent, looked at whenever no daemon runs: the daemon's word is
 * not needed. An event is kept if the destination has it, if it stands whole in the spool's files,
 * or if it is a dead letter. Then these must hold:
 *
 * <ul>
 *   <li>What is kept is a beginning of what was sent on each connection, without a hole: an event
 *       that was accepted and lost would be one, since later ones came through.
 *   <li>Since the start at least so much is kept as somebody has counted to be accepted.
 *   <li>Of a connection that is over, as much is kept as before: nothing is lost by a start,
 *       nothing comes to it.
 *   <li>Nothing is kept that was not sent, and every byte is as it was sent.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class Evidence {

  private final FlowPlayer player;
  private final Books books;
  private final SpoolOnDisk spool;

  /** What is kept, by connection: its first so many events. */
  private final Map<Integer, Integer> kept = new TreeMap<>();

  private int lost;

  /** What all lives that were looked at had been known to have accepted, before they ended. */
  private long known;

  /** How many connections there were before the daemon was started that ended last. */
  private int before;

  Evidence(FlowPlayer player, Books books, SpoolOnDisk spool) {
    this.player = player;
    this.books = books;
    this.spool = spool;
  }

  /** A daemon is about to be started; whoever was connected before is gone. */
  void beforeStart() {
    before = player.sent().size();
  }

  /** Looks at what there is, of which nothing may have come to be lost. */
  private int look(String when) throws IOException {
    player.awaitAllEnds();
    Map<Integer, BitSet> there = there();
    lost = missing(there);
    List<FlowPlayer.Sent> sent = player.sent();
    int since = 0;
    for (Map.Entry<Integer, BitSet> each : there.entrySet()) {
      int connection = each.getKey();
      int count = each.getValue().cardinality();
      assertThat(each.getValue().nextClearBit(0))
          .as("%s: connection %d: the first hole, of %d events", when, connection, count)
          .isEqualTo(count);
      assertThat(count)
          .as("%s: connection %d: no more than was sent", when, connection)
          .isLessThanOrEqualTo(sent.get(connection).begun());
      if (connection < before) {
        assertThat(count)
            .as("%s: connection %d: what was there before", when, connection)
            .isEqualTo(kept.getOrDefault(connection, 0));
      } else {
        since += count;
      }
    }
    assertThat(there.keySet())
        .as("%s: connections of which something is kept", when)
        .containsAll(kept.keySet());
    there.forEach((connection, numbers) -> kept.put(connection, numbers.cardinality()));
    assertThat(books.wrong()).as(when).isEmpty();
    return since;
  }

  /**
   * Looks at what is kept, after an end.
   *
   * <p>A hole shows that an event was lost of which a later one came through; that the last ones of
   * a connection were lost, only a count of those that were accepted shows.
   *
   * @param when for people
   * @param accepted how many events are known to be accepted since the start, from before the end:
   *     at least so many must be kept of those that were sent since then
   * @return how many are kept of them
   */
  int look(String when, long accepted) throws IOException {
    known += accepted;
    int since = look(when);
    lost += (int) Math.max(0, accepted - since);
    assertThat((long) since)
        .as("%s: kept of what was accepted since the start", when)
        .isGreaterThanOrEqualTo(accepted);
    return since;
  }

  /** How many are not there though a later one is, or though they were there at the last look. */
  private int missing(Map<Integer, BitSet> there) {
    Set<Integer> connections = new TreeSet<>(there.keySet());
    connections.addAll(kept.keySet());
    int missing = 0;
    for (int connection : connections) {
      BitSet numbers = there.getOrDefault(connection, new BitSet());
      missing += Math.max(numbers.length(), kept(connection)) - numbers.cardinality();
    }
    return missing;
  }

  /** How many accepted events the last look has found neither here nor there. */
  int lost() {
    return lost;
  }

  private Map<Integer, BitSet> there() throws IOException {
    Map<Integer, BitSet> there = books.taken();
    for (Play play : spool.waiting()) {
      add(there, play);
    }
    for (Line letter : spool.deadLetters()) {
      byte[] event = letter.get("event").getBytes(StandardCharsets.UTF_8);
      Play play = Play.of(event);
      assertThat(event).as("dead letter of %s", play).isEqualTo(play.bytes());
      add(there, play);
    }
    return there;
  }

  private static void add(Map<Integer, BitSet> there, Play play) {
    there.computeIfAbsent(play.connection(), number -> new BitSet()).set(play.number());
  }

  /** How many events of a connection are kept. */
  int kept(int connection) {
    return kept.getOrDefault(connection, 0);
  }

  /**
   * How many events are kept in all: these are the accepted ones, as far as they can be found. What
   * was lost from the end of a connection is not among them, and only {@link #known} tells of it.
   */
  int accepted() {
    return kept.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** How many events were known to be accepted before the ends of all lives that were looked at. */
  long known() {
    return known;
  }

  /** How many of the accepted ones are dead letters that the destination does not have. */
  int dead() throws IOException {
    int dead = 0;
    Map<Integer, BitSet> seen = new TreeMap<>();
    for (Line letter : spool.deadLetters()) {
      Play play = Play.of(letter.get("event").getBytes(StandardCharsets.UTF_8));
      BitSet numbers = seen.computeIfAbsent(play.connection(), number -> new BitSet());
      if (!numbers.get(play.number()) && !books.has(play)) {
        dead++;
      }
      numbers.set(play.number());
    }
    return dead;
  }

  /** All that was kept has arrived or is a dead letter, and nothing waits or was given up. */
  void drained() throws IOException {
    look("drained");
    assertThat(spool.waiting()).as("what waits after a drain").isEmpty();
    assertThat(spool.drops()).as("what was given up").isEmpty();
    assertThat(books.distinct() + dead()).isEqualTo(accepted());
  }
}
