package io.proofofplay.runner.acceptance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which events a destination took, checked as they come: each byte for byte what was sent, in the
 * order of its connection, and each repeat in a batch with the key and the bytes of before.
 *
 * <p>Thread-safe.
 */
final class Books {

  private final Map<Integer, BitSet> taken = new TreeMap<>();
  private final Map<String, Integer> keys = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private Play last = new Play(0, -1);
  private int distinct;
  private int repeats;
  private int repeatedBatches;
  private boolean partsMayDiffer;

  /**
   * Where a batch is sent in parts, a kill may forget how it was cut: what is sent again then comes
   * in other parts, and these have other keys.
   */
  synchronized Books whereBatchesAreCut() {
    partsMayDiffer = true;
    return this;
  }

  /** A batch is taken. */
  synchronized void take(String key, byte[] body, List<byte[]> events) {
    int repeatsBefore = repeats;
    for (byte[] event : events) {
      take(event);
    }
    Integer hash = keys.putIfAbsent(key, Arrays.hashCode(body));
    if (hash != null) {
      repeatedBatches++;
      if (hash != Arrays.hashCode(body)) {
        wrong.add("key " + key + " stands for two bodies");
      }
    }
    int again = repeats - repeatsBefore;
    if (again > 0 && hash == null && !partsMayDiffer) {
      wrong.add(again + " events came again under another key, " + key);
    }
    notifyAll();
  }

  private void take(byte[] event) {
    Play play = Play.of(event);
    if (!Arrays.equals(play.bytes(), event)) {
      wrong.add(play + " came as " + new String(event, StandardCharsets.UTF_8));
    }
    BitSet connection = taken.computeIfAbsent(play.connection(), number -> new BitSet());
    if (connection.get(play.number())) {
      repeats++;
      return;
    }
    connection.set(play.number());
    distinct++;
    boolean inOrder =
        play.connection() > last.connection()
            || (play.connection() == last.connection() && play.number() > last.number());
    if (!inOrder) {
      wrong.add(play + " came after " + last);
    }
    last = play;
  }

  synchronized int distinct() {
    return distinct;
  }

  /** Events that came more than once. */
  synchronized int repeats() {
    return repeats;
  }

  /** Batches that came more than once. */
  synchronized int repeatedBatches() {
    return repeatedBatches;
  }

  /** What was not as it should be; empty at best. */
  synchronized List<String> wrong() {
    return List.copyOf(wrong.subList(0, Math.min(20, wrong.size())));
  }

  /** The numbers of the events that were taken, by connection. */
  synchronized Map<Integer, BitSet> taken() {
    Map<Integer, BitSet> copy = new TreeMap<>();
    taken.forEach((connection, numbers) -> copy.put(connection, (BitSet) numbers.clone()));
    return copy;
  }

  synchronized boolean has(Play play) {
    BitSet numbers = taken.get(play.connection());
    return numbers != null && numbers.get(play.number());
  }

  /** Waits until so many distinct events are here. */
  synchronized void awaitDistinct(int wanted) {
    long until = System.nanoTime() + Await.GENEROUS.toNanos();
    try {
      while (distinct < wanted) {
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError(
              "waited in vain for " + wanted + " distinct events: there are " + distinct);
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
