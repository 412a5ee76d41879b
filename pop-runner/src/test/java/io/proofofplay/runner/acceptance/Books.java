package io.proofofplay.runner.acceptance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which events a destination took, checked as they come: each byte for byte what was sent, in the
 * order of its connection, and each repeat with the key and the bytes of before.
 *
 * <p>An event may come again only after the sender was killed, and only if it was in flight then: a
 * sender has one request under way at a time, and takes what was confirmed off its spool before it
 * makes the next. So these are the events of the last request that was taken. If it was a part of a
 * batch, and the next life is killed as well before it has sent all of them again, they are what it
 * had left of them, and the last part that it had sent: never more than that batch.
 *
 * <p>A repeat has another key only where the destination has refused events for what they are: the
 * batch is then sent in parts, and a kill forgets how it was cut.
 *
 * <p>Thread-safe.
 */
final class Books {

  private static final Comparator<Play> AS_SENT =
      Comparator.comparingInt(Play::connection).thenComparingInt(Play::number);

  private final Map<Integer, BitSet> taken = new TreeMap<>();
  private final Map<Integer, BitSet> refused = new TreeMap<>();
  private final Map<String, Integer> keys = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();

  /** What the sender may not have known to be taken when it was killed, and may send again. */
  private final NavigableSet<Play> inFlight = new TreeSet<>(AS_SENT);

  /** Whether several connections speak at a time, so that each has an order of its own alone. */
  private boolean isCrowd;

  private List<Play> lastRequest = List.of();
  private Play last = new Play(0, -1);
  private int distinct;
  private int repeats;
  private int repeatedBatches;
  private int repeatsSinceKill;
  private int mostRepeats;

  /** Several connections will speak at a time. */
  synchronized void expectACrowd() {
    isCrowd = true;
  }

  /** A batch is taken. */
  synchronized void take(String key, byte[] body, List<byte[]> events) {
    List<Play> plays = new ArrayList<>();
    List<Play> again = new ArrayList<>();
    for (byte[] event : events) {
      Play play = read(event);
      plays.add(play);
      if (!takeNew(play)) {
        again.add(play);
      }
    }
    if (!plays.isEmpty()) {
      // What comes before the first one that a sender has, it knew to be taken.
      if (!isCrowd) {
        inFlight.headSet(plays.get(0), false).clear();
      }
      lastRequest = plays;
    }
    Integer hash = keys.putIfAbsent(key, Arrays.hashCode(body));
    if (hash != null) {
      repeatedBatches++;
      if (hash != Arrays.hashCode(body)) {
        wrong.add("key " + key + " stands for two bodies");
      }
    } else if (!again.stream().allMatch(this::wasRefused)) {
      wrong.add(again.size() + " events came again under another key, " + key);
    }
    repeats += again.size();
    repeatsSinceKill += again.size();
    again.removeIf(inFlight::remove);
    if (!again.isEmpty()) {
      wrong.add(
          again.size() + " events came again that were not in flight at a kill, " + again.get(0));
    }
    notifyAll();
  }

  private Play read(byte[] event) {
    Play play = Play.of(event);
    if (!Arrays.equals(play.bytes(), event)) {
      wrong.add(play + " came as " + new String(event, StandardCharsets.UTF_8));
    }
    return play;
  }

  private boolean takeNew(Play play) {
    BitSet connection = taken.computeIfAbsent(play.connection(), number -> new BitSet());
    if (connection.get(play.number())) {
      return false;
    }
    boolean isLate =
        isCrowd ? play.number() < connection.length() : AS_SENT.compare(play, last) <= 0;
    connection.set(play.number());
    distinct++;
    if (isLate) {
      wrong.add(play + " came after " + last);
    }
    last = play;
    return true;
  }

  /** A batch is not taken, because of what is in it. */
  synchronized void refuse(List<byte[]> events) {
    for (byte[] event : events) {
      Play play = Play.of(event);
      refused.computeIfAbsent(play.connection(), number -> new BitSet()).set(play.number());
    }
  }

  private boolean wasRefused(Play play) {
    BitSet numbers = refused.get(play.connection());
    return numbers != null && numbers.get(play.number());
  }

  /** The sender is no more; all that it had sent was taken or refused. */
  synchronized void senderWasKilled() {
    inFlight.addAll(lastRequest);
    lastRequest = List.of();
    mostRepeats = mostRepeatsAfterAKill();
    repeatsSinceKill = 0;
  }

  /**
   * The sender has ended in good order: it knows what was taken of all that it had sent. What an
   * earlier one did not know when it was killed, and this one has not sent, may still come again.
   */
  synchronized void senderHasStopped() {
    lastRequest = List.of();
  }

  /** The most events that came again between one kill and the next, or the end. */
  synchronized int mostRepeatsAfterAKill() {
    return Math.max(mostRepeats, repeatsSinceKill);
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
