package io.proofofplay.source.infobeamer;

/**
 * The bytes of an id in 64 bits: SipHash-2-4 by its authors' paper and reference (Aumasson and
 * Bernstein, 2012), under a fixed key. It tells ids apart, it protects nothing: who chooses two
 * that meet loses his own events.
 */
final class Fingerprint {

  /** The key of the reference's test values: the bytes 0 to 15. */
  private static final long KEY_0 = 0x0706050403020100L;

  private static final long KEY_1 = 0x0f0e0d0c0b0a0908L;

  private static final int ROUNDS_AT_THE_END = 4;

  private Fingerprint() {}

  /**
   * Makes the print. All of it is one method, and the state four variables of it: the first
   * compiler keeps those in registers, and neither fields nor what it would have to call.
   */
  static long of(byte[] bytes, int offset, int length) {
    long a = KEY_0 ^ 0x736f6d6570736575L;
    long b = KEY_1 ^ 0x646f72616e646f6dL;
    long c = KEY_0 ^ 0x6c7967656e657261L;
    long d = KEY_1 ^ 0x7465646279746573L;
    int end = offset + length;
    int at = offset;
    boolean isLast = false;
    while (!isLast) {
      long word;
      if (at <= end - Long.BYTES) {
        int first =
            (bytes[at] & 0xff)
                | ((bytes[at + 1] & 0xff) << 8)
                | ((bytes[at + 2] & 0xff) << 16)
                | (bytes[at + 3] << 24);
        int second =
            (bytes[at + 4] & 0xff)
                | ((bytes[at + 5] & 0xff) << 8)
                | ((bytes[at + 6] & 0xff) << 16)
                | (bytes[at + 7] << 24);
        word = (first & 0xffffffffL) | ((long) second << 32);
        at += Long.BYTES;
      } else {
        word = (long) length << 56;
        for (int shift = 0; at < end; shift += Byte.SIZE) {
          word |= (bytes[at++] & 0xffL) << shift;
        }
        isLast = true;
      }
      d ^= word;
      // Two rounds, each written out.
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
      a ^= word;
    }
    c ^= 0xff;
    for (int round = 0; round < ROUNDS_AT_THE_END; round++) {
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
    return a ^ b ^ c ^ d;
  }
}
