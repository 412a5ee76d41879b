package io.proofofplay.core.json;

import java.security.SecureRandom;

/**
 * The keys of one text, each together with the object that it stands in, to find one that stands
 * there twice.
 *
 * <p>Keeps two fingerprints of 61 bits for each key instead of the key: a line can be made of keys
 * alone, and a set of strings would take twenty times the line's length. The fingerprints are
 * polynomials over the characters modulo a prime, at points that are drawn when the process starts,
 * so that nobody can choose keys that meet; by chance two of a million do in fewer than one of
 * 10<sup>20</sup> lines.
 *
 * <p>Not thread-safe.
 */
final class KeysSeen {

  /** A Mersenne prime: a product is reduced by shifting and adding. */
  private static final long PRIME = (1L << 61) - 1;

  private static final long FIRST_POINT;
  private static final long SECOND_POINT;

  static {
    SecureRandom random = new SecureRandom();
    FIRST_POINT = point(random);
    SECOND_POINT = point(random);
  }

  private static final int SMALLEST = 32;

  /** Pairs of fingerprints; a first one of 0 is a free place. */
  private long[] places = new long[2 * SMALLEST];

  private int count;

  private final int part;
  private final int parts;

  /** For all the keys. */
  KeysSeen() {
    this(0, 1);
  }

  /**
   * For a part of the keys, chosen by their fingerprints; the others are all new to it.
   *
   * @param part which one, from 0 on
   * @param parts how many there are
   */
  KeysSeen(int part, int parts) {
    this.part = part;
    this.parts = parts;
  }

  private static long point(SecureRandom random) {
    // Larger than any character, so that a key is no polynomial of a smaller degree in disguise.
    return (1L << 32) + Math.floorMod(random.nextLong(), PRIME - (1L << 32));
  }

  /**
   * Notes a key.
   *
   * @param object which object it stands in: another number for each
   * @return false if it stands there for the second time
   */
  boolean add(int object, String key) {
    if (4 * count >= 3 * (places.length / 2)) {
      grow();
    }
    // One is added, so that characters and lengths of zero count.
    long first = 1L + object;
    long second = 1L + object;
    for (int i = 0; i < key.length(); i++) {
      first = times(first, FIRST_POINT) + 1 + key.charAt(i);
      second = times(second, SECOND_POINT) + 1 + key.charAt(i);
    }
    first = times(first, FIRST_POINT) + 1;
    // By other bits than those by which it is put in its place.
    return (first >>> 32) % parts != part || put(first, times(second, SECOND_POINT));
  }

  private boolean put(long first, long second) {
    int mask = places.length / 2 - 1;
    int at = Long.hashCode(first * 0x9e3779b97f4a7c15L) & mask;
    while (places[2 * at] != 0) {
      if (places[2 * at] == first && places[2 * at + 1] == second) {
        return false;
      }
      at = at + 1 & mask;
    }
    places[2 * at] = first;
    places[2 * at + 1] = second;
    count++;
    return true;
  }

  private void grow() {
    long[] old = places;
    places = new long[2 * old.length];
    count = 0;
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0) {
        put(old[i], old[i + 1]);
      }
    }
  }

  /** The product modulo the prime, below it; both factors are below 2^62. */
  private static long times(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    long sum = (low & PRIME) + (high << 3 | low >>> 61);
    sum = (sum & PRIME) + (sum >>> 61);
    return sum >= PRIME ? sum - PRIME : sum;
  }
}
