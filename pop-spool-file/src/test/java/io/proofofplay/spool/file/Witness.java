package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.testkit.Events;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Uses a spool as the relay does, and knows what it was promised: what must be there after whatever
 * happens, and what must not.
 */
final class Witness {

  private final FaultyDisk disk;
  private final Durability durability;
  private final int maxEvents;
  private final String story;
  private final Set<PopEvent> offered = new LinkedHashSet<>();
  private final List<PopEvent> kept = new ArrayList<>();
  private final Set<PopEvent> promised = new LinkedHashSet<>();
  private final Set<PopEvent> done = new HashSet<>();
  private final Map<String, List<String>> batches = new HashMap<>();
  private FileSpool spool;
  private boolean damageIsPossible;
  private int made;
  private long removed;
  private int lost;

  Witness(FaultyDisk disk, Durability durability, int maxEvents, String story) {
    this.disk = disk;
    this.durability = durability;
    this.maxEvents = maxEvents;
    this.story = story;
  }

  /**
   * A force fails, the process is killed, the next one has no room to write the file anew, and then
   * the power fails: what the first one could not force is lost, and counted.
   */
  void expectDamage() {
    damageIsPossible = true;
  }

  /** Opens the spool; a disk that cannot even list its files may refuse. */
  boolean open() {
    try {
      spool = Spools.open(disk, durability, maxEvents);
      removed = 0;
      return true;
    } catch (IOException e) {
      spool = null;
      return false;
    }
  }

  /** How many events the spool has promised to keep. */
  int promised() {
    return promised.size();
  }

  /** How many of them were found to be neither there nor done with. */
  int lost() {
    return lost;
  }

  boolean isOpen() {
    return spool != null;
  }

  void append(int count) {
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = made++;
      events.add(number % 5 == 4 ? Events.number(number) : Events.from("p" + number / 9, number));
    }
    offered.addAll(events);
    if (spool.append(events) == Append.KEPT) {
      kept.addAll(events);
    }
    balance();
  }

  void sync() {
    List<PopEvent> before = List.copyOf(kept);
    try {
      spool.sync();
      promised.addAll(before);
    } catch (IOException e) {
      if (durability == Durability.WRITE_AHEAD) {
        kept.removeIf(event -> !promised.contains(event));
      }
    }
    balance();
  }

  void roll() {
    try {
      boolean unused = spool.roll();
    } catch (IOException e) {
      // Later, then.
    }
    balance();
  }

  Optional<Batch> peek() {
    try {
      Optional<Batch> oldest = spool.peek();
      oldest.ifPresent(this::meet);
      return oldest;
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  void removePart() {
    peek()
        .ifPresent(
            batch -> {
              Batch part = batch.part(0, (batch.size() + 1) / 2);
              done.addAll(part.events());
              removed += part.size();
              spool.remove(part.id());
              if (part.size() < batch.size()) {
                peek()
                    .ifPresent(
                        rest ->
                            assertThat(rest.events())
                                .as(story)
                                .isEqualTo(batch.part(part.size(), batch.size()).events()));
              }
            });
    balance();
  }

  void remove() {
    peek()
        .ifPresent(
            batch -> {
              done.addAll(batch.events());
              removed += batch.size();
              spool.remove(batch.id());
            });
    balance();
  }

  void evict() {
    try {
      Optional<Batch> taken = spool.evict(peek().map(Batch::id));
      taken.ifPresent(
          batch -> {
            done.addAll(batch.events());
            removed += batch.size();
          });
    } catch (IOException e) {
      // Later, then.
    }
    balance();
  }

  void close() {
    List<PopEvent> before = List.copyOf(kept);
    try {
      spool.close();
      promised.addAll(before);
    } catch (IOException e) {
      // What was promised is still promised.
    }
    die();
  }

  private void die() {
    kept.retainAll(promised);
    spool = null;
  }

  /**
   * The process dies; with {@link Durability#INTERVAL} what was written is in the system's hands.
   */
  void kill() {
    disk.kill();
    if (durability == Durability.INTERVAL) {
      promised.addAll(kept);
    }
    die();
  }

  void crash(long seed) {
    disk.crash(seed);
    die();
  }

  /** After trouble: opens on a disk that is well, takes everything out and looks at it. */
  void settleUp() {
    settleUp(false);
  }

  /** The same, where nothing can be there twice. */
  void settleUpWithoutRepeats() {
    settleUp(true);
  }

  private void settleUp(boolean eachOnce) {
    if (spool != null) {
      close();
    }
    assertThat(open()).as("%s: opens on a disk that is well", story).isTrue();
    List<PopEvent> left = new ArrayList<>();
    SpoolStats found = spool.stats();
    assertThat(found.events()).as(story).isEqualTo(found.recovered());
    try {
      Optional<Batch> next = spool.peek();
      while (next.isPresent()) {
        meet(next.get());
        left.addAll(next.get().events());
        removed += next.get().size();
        spool.remove(next.get().id());
        balance();
        next = spool.peek();
      }
    } catch (IOException e) {
      throw new AssertionError(story, e);
    }
    assertThat(spool.stats().events()).as("%s: events in an empty spool", story).isZero();
    assertThat(spool.stats().bytes()).as("%s: bytes in an empty spool", story).isZero();
    assertThat(offered).as("%s: nothing invented", story).containsAll(left);
    if (eachOnce) {
      assertThat(left).as("%s: each event once", story).doesNotHaveDuplicates();
    }
    List<PopEvent> missing = new ArrayList<>(promised);
    missing.removeAll(new HashSet<>(left));
    missing.removeAll(done);
    lost = missing.size();
    assertThat(missing).as("%s: promised, not there and not done with", story).isEmpty();
    List<PopEvent> inOrder = new ArrayList<>(promised);
    inOrder.retainAll(new HashSet<>(left));
    List<PopEvent> seen = lastOfEach(left);
    seen.retainAll(promised);
    assertThat(seen).as("%s: order", story).isEqualTo(inOrder);
    for (PopEvent event : left) {
      Optional<String> sender = senderOf(event);
      if (promised.contains(event)) {
        assertThat(event.sender()).as("%s: sender of %s", story, event).isEqualTo(sender);
      } else if (event.sender().isPresent()) {
        assertThat(event.sender()).as("%s: sender of %s", story, event).isEqualTo(sender);
      }
    }
    close();
  }

  /** Nothing that was done with is there again. */
  void expectNothingTwice() {
    assertThat(open()).isTrue();
    try {
      Optional<Batch> next = spool.peek();
      while (next.isPresent()) {
        assertThat(next.get().events()).as("%s: again", story).doesNotContainAnyElementsOf(done);
        spool.remove(next.get().id());
        next = spool.peek();
      }
    } catch (IOException e) {
      throw new AssertionError(story, e);
    }
    close();
  }

  /**
   * Each event once. After a force that failed, a power cut may leave a copy of events in the file
   * that was given up; their own place is behind it.
   */
  static List<PopEvent> lastOfEach(List<PopEvent> events) {
    Set<PopEvent> last = new LinkedHashSet<>();
    for (PopEvent event : events) {
      last.remove(event);
      last.add(event);
    }
    return new ArrayList<>(last);
  }

  private Optional<String> senderOf(PopEvent event) {
    return offered.stream().filter(event::equals).findFirst().orElseThrow().sender();
  }

  /** An id means the same bytes and the same senders for ever. */
  private void meet(Batch batch) {
    List<String> content =
        batch.events().stream().map(event -> event.json() + event.sender()).toList();
    List<String> before = batches.putIfAbsent(batch.id().toString(), content);
    if (before != null) {
      assertThat(content).as("%s: %s", story, batch.id()).isEqualTo(before);
    }
  }

  private void balance() {
    SpoolStats stats = spool.stats();
    assertThat(stats.events())
        .as("%s: %s after removing %s", story, stats, removed)
        .isEqualTo(
            stats.appended() + stats.recovered() - removed - stats.damaged() - stats.withdrawn());
    if (!damageIsPossible) {
      assertThat(stats.damaged()).as(story).isZero();
    }
  }
}
