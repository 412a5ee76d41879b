package io.proofofplay.source.infobeamer;

/**
 * The bytes of an event in 128 bits: SipHash-2-4 with an output of 128 bits, by its authors' paper
 * and reference (Aumasson and Bernstein, 2012), under a fixed key. It tells events apart, it
 * protects nothing: who chooses two events that meet loses his own.
 *
 * <p>Not thread-safe: {@link #of} leaves its result in {@link #high} and {@link #low}.
 */
final class Fingerprint {

  /** The key of the reference's test values: the bytes 0 to 15. */
  private static final long KEY_0 = 0x0706050403020100L;

  private static final long KEY_1 = 0x0f0e0d0c0b0a0908L;

  private static final int ENOUGH = 2;
  private static final int ENOUGH_AT_THE_END = 4;

  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long high;
  private long low;

  void of(byte[] bytes, int offset, int length) {
    v0 = KEY_0 ^ 0x736f6d6570736575L;
    v1 = KEY_1 ^ 0x646f72616e646f6dL ^ 0xee;
    v2 = KEY_0 ^ 0x6c7967656e657261L;
    v3 = KEY_1 ^ 0x7465646279746573L;
    int words = offset + (length & ~7);
    for (int i = offset; i < words; i += Long.BYTES) {
      take(
          (bytes[i] & 0xffL)
              | ((bytes[i + 1] & 0xffL) << 8)
              | ((bytes[i + 2] & 0xffL) << 16)
              | ((bytes[i + 3] & 0xffL) << 24)
              | ((bytes[i + 4] & 0xffL) << 32)
              | ((bytes[i + 5] & 0xffL) << 40)
              | ((bytes[i + 6] & 0xffL) << 48)
              | ((long) bytes[i + 7] << 56));
    }
    long last = (long) length << 56;
    for (int i = words; i < offset + length; i++) {
      last |= (bytes[i] & 0xffL) << (8 * (i - words));
    }
    take(last);
    v2 ^= 0xee;
    mix(ENOUGH_AT_THE_END);
    high = v0 ^ v1 ^ v2 ^ v3;
    v1 ^= 0xdd;
    mix(ENOUGH_AT_THE_END);
    low = v0 ^ v1 ^ v2 ^ v3;
  }

  private void take(long word) {
    v3 ^= word;
    mix(ENOUGH);
    v0 ^= word;
  }

  private void mix(int rounds) {
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3;
    for (int i = 0; i < rounds; i++) {
      a += b;
      b = ((b << 13) | (b >>> 51)) ^ a;
      a = (a << 32) | (a >>> 32);
      c += d;
      d = ((d << 16) | (d >>> 48)) ^ c;
      a += d;
      d = ((d << 21) | (d >>> 43)) ^ a;
      c += b;
      b = ((b << 17) | (b >>> 47)) ^ c;
      c = (c << 32) | (c >>> 32);
    }
    v0 = a;
    v1 = b;
    v2 = c;
    v3 = d;
  }

  /** The first eight bytes of the last result, the lowest first. */
  long high() {
    return high;
  }

  /** The other eight bytes of it. */
  long low() {
    return low;
  }
}
