package io.proofofplay.core.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Validation of UTF-8 by RFC 3629, table 3-7 of the Unicode standard. */
final class Utf8 {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  static boolean isValid(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      while (at + Long.BYTES <= end && ((long) LONGS.get(bytes, at) & HIGH_BITS) == 0) {
        at += Long.BYTES;
      }
      if (at >= end) {
        break;
      }
      int lead = bytes[at] & 0xff;
      if (lead < 0x80) {
        at++;
        continue;
      }
      int width = sequenceLength(bytes, at, end, lead);
      if (width == 0) {
        return false;
      }
      at += width;
    }
    return true;
  }

  /** The length of the well-formed sequence that starts with this lead byte, or 0. */
  private static int sequenceLength(byte[] bytes, int at, int end, int lead) {
    if (lead < 0xc2) {
      return 0;
    }
    if (lead < 0xe0) {
      return at + 1 < end && continues(bytes[at + 1]) ? 2 : 0;
    }
    if (at + 2 >= end) {
      return 0;
    }
    int second = bytes[at + 1] & 0xff;
    if (lead < 0xf0) {
      int low = lead == 0xe0 ? 0xa0 : 0x80;
      int high = lead == 0xed ? 0x9f : 0xbf;
      return second >= low && second <= high && continues(bytes[at + 2]) ? 3 : 0;
    }
    if (lead > 0xf4 || at + 3 >= end) {
      return 0;
    }
    int low = lead == 0xf0 ? 0x90 : 0x80;
    int high = lead == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && continues(bytes[at + 2]) && continues(bytes[at + 3])
        ? 4
        : 0;
  }

  private static boolean continues(byte b) {
    return (b & 0xc0) == 0x80;
  }
}
